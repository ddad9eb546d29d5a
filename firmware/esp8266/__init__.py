"""The small reader for the ESP8266: see README.md beside this file."""
