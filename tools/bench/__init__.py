"""What `kwhisper bench` measures with: frames, runtimes, peers, captures, a line and a fleet."""
