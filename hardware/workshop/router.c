/* A two-layer maze router with negotiated congestion.
 *
 * Every connection is first laid on its cheapest way as if alone; where two nets meet, the place grows dearer, and
 * both are laid again until no place is shared (McMurchie and Ebeling's PathFinder). Distances are kept by maps: for
 * each of three kinds of copper (thin track, wide track, via) a map says which net's copper may have its middle there.
 *
 * Input and output are lines of numbers, see router.py, which speaks for it.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THIN, WIDE, VIA, KINDS };
enum { FREE = -1, SHUT = -2, MAX_NETS = 600, MAX_PINS = 64 };
enum { NET_GROUND = 1, NET_WIDE = 2, NET_TOP = 4 };

typedef struct { double x1, y1, x2, y2; int layers; } Rect;
typedef struct {
    int owner, flags, pins;
    Rect pin[MAX_PINS];
    int *path, length, room;      /* nodes of all its runs; -1 ends a run */
    int clash;
} Net;

static double grid, width, height, clearance, half[KINDS];
static int nx, ny, plane, iterations;
static int16_t *may[KINDS][2];    /* static: FREE, SHUT or the one owner that may stand here */
static uint8_t *crowd[KINDS][2];  /* how many nets' copper is too near, for this kind */
static float *history, *best;
static int *from, *stamp, stamp_now;
static uint8_t *done;
static Net net[MAX_NETS];
static int nets;

static double rect_distance(const Rect *r, double x, double y) {
    double dx = x < r->x1 ? r->x1 - x : x > r->x2 ? x - r->x2 : 0;
    double dy = y < r->y1 ? r->y1 - y : y > r->y2 ? y - r->y2 : 0;
    return sqrt(dx * dx + dy * dy);
}

static void claim(int16_t *map, int at, int owner) {
    if (owner == SHUT || (map[at] != FREE && map[at] != owner)) map[at] = SHUT;
    else map[at] = (int16_t)owner;
}

/* A fixed piece of copper, a hole or a forbidden area. `gap`: what others keep from it. */
static void obstacle(const Rect *r, int owner, double gap, int pad) {
    for (int kind = 0; kind < KINDS; kind++) {
        double reach = half[kind] + gap;
        int x1 = (int)floor((r->x1 - reach) / grid), x2 = (int)ceil((r->x2 + reach) / grid);
        int y1 = (int)floor((r->y1 - reach) / grid), y2 = (int)ceil((r->y2 + reach) / grid);
        for (int y = y1 < 0 ? 0 : y1; y <= y2 && y < ny; y++)
            for (int x = x1 < 0 ? 0 : x1; x <= x2 && x < nx; x++) {
                double d = rect_distance(r, x * grid, y * grid);
                for (int layer = 0; layer < 2; layer++) {
                    if (!(r->layers >> layer & 1)) continue;
                    if (d < reach - 1e-6) claim(may[kind][layer], y * nx + x, owner);
                    /* no via on or at a pad, not even its own: it would drink the solder */
                    if (kind == VIA && pad && d < half[VIA] + 0.05) may[kind][layer][y * nx + x] = SHUT;
                }
            }
    }
}

static int kind_here(const Net *n, int node) {
    int layer = node / plane, at = node % plane;
    int wide = may[WIDE][layer][at], thin = may[THIN][layer][at];
    if ((n->flags & NET_WIDE) && (wide == FREE || wide == n->owner)) return WIDE;
    return thin == FREE || thin == n->owner ? THIN : -1;
}

static int via_here(const Net *n, int at) {
    for (int layer = 0; layer < 2; layer++) {
        int16_t m = may[VIA][layer][at];
        if (m != FREE && m != n->owner) return 0;
    }
    return 1;
}

/* Add (sign +1) or take away (-1) a net's copper from the crowd maps, each place once. */
static void mark_disc(int layer, int at, int kind, int sign) {
    int cx = at % nx, cy = at / nx;
    for (int other = 0; other < KINDS; other++) {
        double reach = half[kind] + half[other] + clearance;
        int r = (int)ceil(reach / grid);
        for (int y = cy - r; y <= cy + r; y++)
            for (int x = cx - r; x <= cx + r; x++) {
                if (x < 0 || y < 0 || x >= nx || y >= ny) continue;
                double dx = (x - cx) * grid, dy = (y - cy) * grid;
                if (dx * dx + dy * dy >= (reach - 1e-6) * (reach - 1e-6)) continue;
                int key = (other * 2 + layer) * plane + y * nx + x;
                if (stamp[key] == stamp_now) continue;
                stamp[key] = stamp_now;
                crowd[other][layer][y * nx + x] += sign;
            }
    }
}

static void mark_net(const Net *n, int sign) {
    stamp_now++;
    for (int i = 0; i < n->length; i++) {
        int node = n->path[i];
        if (node < 0) continue;
        int before = i ? n->path[i - 1] : -1;
        if (before >= 0 && before % plane == node % plane && before != node) {
            mark_disc(0, node % plane, VIA, sign);
            mark_disc(1, node % plane, VIA, sign);
        }
        mark_disc(node / plane, node % plane, kind_here(n, node), sign);
    }
}

/* -- a binary heap of (cost, node) -- */
static struct { float cost; int node; } *heap;
static int heap_size;

static void push(float cost, int node) {
    int i = heap_size++;
    while (i && heap[(i - 1) / 2].cost > cost) { heap[i] = heap[(i - 1) / 2]; i = (i - 1) / 2; }
    heap[i].cost = cost; heap[i].node = node;
}

static int pop(void) {
    int top = heap[0].node, i = 0;
    float cost = heap[--heap_size].cost; int node = heap[heap_size].node;
    for (;;) {
        int c = 2 * i + 1;
        if (c >= heap_size) break;
        if (c + 1 < heap_size && heap[c + 1].cost < heap[c].cost) c++;
        if (heap[c].cost >= cost) break;
        heap[i] = heap[c]; i = c;
    }
    heap[i].cost = cost; heap[i].node = node;
    return top;
}

static void reach(float cost, int node, int source) {
    if (cost < best[node]) { best[node] = cost; from[node] = source; push(cost, node); }
}

static void append(Net *n, int node) {
    if (n->length == n->room) n->path = realloc(n->path, (n->room = n->room * 2 + 256) * sizeof(int));
    n->path[n->length++] = node;
}

static int in_pin(const Rect *r, int node) {
    int at = node % plane;
    return (r->layers >> (node / plane) & 1) && rect_distance(r, at % nx * grid, at / nx * grid) < 1e-6;
}

/* The cheapest way from what is joined already to the next pin (or, for ground, to a place for a via). */
static int search(Net *n, const uint8_t *joined, float pressure, int *goal_pin) {
    heap_size = 0;
    for (int i = 0; i < 2 * plane; i++) best[i] = INFINITY;
    memset(done, 0, 2 * plane);
    for (int p = 0; p < n->pins; p++) {
        if (!joined[p]) continue;
        Rect *r = &n->pin[p];
        for (int y = (int)ceil(r->y1 / grid); y * grid <= r->y2 + 1e-9; y++)
            for (int x = (int)ceil(r->x1 / grid); x * grid <= r->x2 + 1e-9; x++)
                for (int layer = 0; layer < 2; layer++) {
                    int node = layer * plane + y * nx + x;
                    /* from the pad's middle: nearer its rim costs a little */
                    double off = hypot(x * grid - (r->x1 + r->x2) / 2, y * grid - (r->y1 + r->y2) / 2);
                    if ((r->layers >> layer & 1) && kind_here(n, node) >= 0) reach((float)off, node, -1);
                }
    }
    for (int i = 0; i < n->length; i++) if (n->path[i] >= 0) reach(0, n->path[i], -1);
    static const int dx[8] = {1, -1, 0, 0, 1, 1, -1, -1}, dy[8] = {0, 0, 1, -1, 1, -1, 1, -1};
    while (heap_size) {
        int node = pop();
        if (done[node]) continue;
        done[node] = 1;
        int layer = node / plane, at = node % plane, x = at % nx, y = at / nx;
        if (n->flags & NET_GROUND) {
            if (layer == (n->pin[0].layers != 2)) return node;   /* the other side */
        } else {
            for (int p = 0; p < n->pins; p++)
                if (!joined[p] && in_pin(&n->pin[p], node)) { *goal_pin = p; return node; }
        }
        for (int k = 0; k < 8; k++) {
            int X = x + dx[k], Y = y + dy[k];
            if (X < 0 || Y < 0 || X >= nx || Y >= ny) continue;
            int next = layer * plane + Y * nx + X;
            if (done[next]) continue;
            int kind = kind_here(n, next);
            if (kind < 0) continue;
            float step = k < 4 ? 1.0f : 1.4142f;
            if (layer == 1) step *= 1.25f;                       /* the lower layer is the ground's */
            if ((n->flags & NET_WIDE) && kind == THIN) step *= 2.0f;
            step *= (1.0f + history[next]) * (1.0f + pressure * crowd[kind][layer][Y * nx + X]);
            reach(best[node] + step, next, node);
        }
        int other = node < plane ? node + plane : node - plane;
        if (!done[other] && !(n->flags & NET_TOP) && via_here(n, at) && kind_here(n, other) >= 0) {
            int busy = crowd[VIA][0][at] + crowd[VIA][1][at];
            float step = (n->flags & NET_GROUND ? 4.0f : 14.0f) * (1.0f + history[other] + history[node]);
            reach(best[node] + step * (1.0f + pressure * busy), other, node);
        }
    }
    return -1;
}

static int lay(Net *n, float pressure) {
    uint8_t joined[MAX_PINS] = {1};
    n->length = 0;
    int left = n->flags & NET_GROUND ? 1 : n->pins - 1, failed = 0;
    while (left--) {
        int pin = -1, node = search(n, joined, pressure, &pin);
        if (node < 0) { failed++; break; }
        int start = n->length;
        while (node >= 0) { append(n, node); node = from[node]; }
        if (n->length > start) append(n, -1);
        if (pin >= 0) joined[pin] = 1;
    }
    return failed;
}

static int clashes(Net *n) {
    int found = 0;
    for (int i = 0; i < n->length; i++) {
        int node = n->path[i];
        if (node < 0) continue;
        int layer = node / plane, at = node % plane, hit = crowd[kind_here(n, node)][layer][at] > 1;
        int before = i ? n->path[i - 1] : -1;
        if (before >= 0 && before != node && before % plane == at)
            hit |= crowd[VIA][0][at] > 1 || crowd[VIA][1][at] > 1;
        if (hit) { history[node] += 0.6f; found++; }
    }
    return found;
}

/* -- straightening: the cheapest way on a grid wanders; a run between two fixed points is laid anew with few corners -- */

static int open_here(const Net *n, int node, int kind) {
    if (kind_here(n, node) != kind) return 0;
    return !crowd[kind][node / plane][node % plane];
}

/* The nodes from a to b by a straight and a diagonal leg (in that order or the other); 0 when the way is barred. */
static int legs(const Net *n, int a, int b, int diagonal_first, int kind, int *out) {
    int x = a % plane % nx, y = a % plane / nx, bx = b % plane % nx, by = b % plane / nx, count = 0;
    while (x != bx || y != by) {
        int dx = (bx > x) - (bx < x), dy = (by > y) - (by < y), wide = abs(bx - x), high = abs(by - y);
        int skew = wide < high ? wide : high, straight = abs(wide - high);
        if (skew && straight && !diagonal_first) {
            if (wide > high) dy = 0; else dx = 0;
        }
        x += dx; y += dy;
        int node = a / plane * plane + y * nx + x;
        if (!open_here(n, node, kind)) return 0;
        out[count++] = node;
    }
    return count;
}

static void straighten(Net *n) {
    static int fresh[200000], trial[4000];
    uint8_t *fixed = calloc(2 * plane, 1);
    int made = 0;
    mark_net(n, -1);
    for (int i = 0; i < n->length; i++)          /* where runs end, others may join */
        if (n->path[i] >= 0 && (i == 0 || n->path[i - 1] < 0 || n->path[i + 1] < 0)) fixed[n->path[i]] = 1;
    for (int i = 0; i < n->length;) {
        int node = n->path[i];
        fresh[made++] = node;
        if (node < 0 || n->path[i + 1] < 0) { i++; continue; }
        int kind = kind_here(n, node), end = i, found = 0, count = 0;
        while (n->path[end + 1] >= 0 && n->path[end + 1] / plane == node / plane && end - i < 1500 &&
               kind_here(n, n->path[end + 1]) == kind) {
            end++;
            if (fixed[n->path[end]]) break;
        }
        for (int j = end; j > i + 1 && !found; j--)
            for (int first = 0; first < 2 && !found; first++)
                if ((count = legs(n, node, n->path[j], first, kind, trial))) found = j;
        if (found) {
            memcpy(fresh + made, trial, (count - 1) * sizeof(int));
            made += count - 1;
            i = found;
        } else i++;
    }
    free(fixed);
    n->length = 0;
    for (int i = 0; i < made; i++) append(n, fresh[i]);
    mark_net(n, +1);
}

/* Vias that tie the two ground pours together, wherever both layers have room, `pitch` apart. */
static void stitch(int owner, double pitch) {
    Net *n = &net[nets];
    memset(n, 0, sizeof *n);
    n->owner = owner;
    for (double y = pitch / 2; y < height; y += pitch)
        for (double x = pitch / 2; x < width; x += pitch) {
            int found = -1;
            for (int dy = -6; dy <= 6 && found < 0; dy += 2)
                for (int dx = -6; dx <= 6 && found < 0; dx += 2) {
                    int at = ((int)(y / grid) + dy) * nx + (int)(x / grid) + dx;
                    if (at < 0 || at >= plane || !via_here(n, at)) continue;
                    if (!crowd[VIA][0][at] && !crowd[VIA][1][at]) found = at;
                }
            if (found < 0) continue;
            printf("%d 0 %d %d 0\n%d 1 %d %d 0\n%d end\n", nets, found % nx, found / nx, nets, found % nx,
                   found / nx, nets);
            stamp_now++;
            mark_disc(0, found, VIA, +1);
            mark_disc(1, found, VIA, +1);
        }
}

int main(void) {
    double edge, pitch;
    if (scanf("%lf %lf %lf %lf %lf %lf %lf %lf %d %lf", &grid, &width, &height, &clearance, &edge, &half[THIN],
              &half[WIDE], &half[VIA], &iterations, &pitch) != 10) return 2;
    nx = (int)(width / grid) + 1; ny = (int)(height / grid) + 1; plane = nx * ny;
    for (int kind = 0; kind < KINDS; kind++)
        for (int layer = 0; layer < 2; layer++) {
            may[kind][layer] = malloc(plane * sizeof(int16_t));
            crowd[kind][layer] = calloc(plane, 1);
            for (int i = 0; i < plane; i++) {
                double x = i % nx * grid, y = i / nx * grid, m = fmin(fmin(x, width - x), fmin(y, height - y));
                may[kind][layer][i] = m < edge + half[kind] ? SHUT : FREE;
            }
        }
    history = calloc(2 * plane, sizeof(float)); best = malloc(2 * plane * sizeof(float));
    from = malloc(2 * plane * sizeof(int)); done = malloc(2 * plane);
    stamp = calloc(KINDS * 2 * plane, sizeof(int)); heap = malloc(24 * plane * sizeof(*heap));
    int obstacles;
    if (scanf("%d", &obstacles) != 1) return 2;
    while (obstacles--) {
        Rect r; int owner, pad; double gap;
        if (scanf("%d %lf %lf %lf %lf %d %lf %d", &r.layers, &r.x1, &r.y1, &r.x2, &r.y2, &owner, &gap, &pad) != 8)
            return 2;
        obstacle(&r, owner, gap, pad);
    }
    if (scanf("%d", &nets) != 1 || nets > MAX_NETS - 1) return 2;
    for (int i = 0; i < nets; i++) {
        Net *n = &net[i];
        if (scanf("%d %d %d", &n->owner, &n->flags, &n->pins) != 3 || n->pins > MAX_PINS) return 2;
        for (int p = 0; p < n->pins; p++) {
            Rect *r = &n->pin[p];
            if (scanf("%d %lf %lf %lf %lf", &r->layers, &r->x1, &r->y1, &r->x2, &r->y2) != 5) return 2;
        }
    }
    float pressure = 0.3f;
    int failed = 0, shared = 0;
    for (int turn = 0; turn < iterations; turn++) {
        failed = 0;
        for (int i = 0; i < nets; i++) {
            Net *n = &net[i];
            if (turn && !n->clash && turn % 12) continue;      /* now and then all: others may make room */
            if (turn) mark_net(n, -1);
            int bad = lay(n, pressure);
            if (bad) fprintf(stderr, "net %d (owner %d): no way at all\n", i, n->owner);
            failed += bad;
            mark_net(n, +1);
        }
        shared = 0;
        int dirty = 0;
        for (int i = 0; i < nets; i++) {
            net[i].clash = clashes(&net[i]);
            shared += net[i].clash; dirty += net[i].clash > 0;
        }
        fprintf(stderr, "round %d: %d places shared by %d nets, %d without a way\n", turn + 1, shared, dirty, failed);
        if (!shared) break;
        for (int i = 0; i < nets; i++)
            for (int j = 0; turn + 1 == iterations && net[i].clash && j < net[i].length; j++) {
                int node = net[i].path[j];
                if (node >= 0 && crowd[kind_here(&net[i], node)][node / plane][node % plane] > 1)
                    fprintf(stderr, "net %d shares layer %d x %.1f y %.1f\n", i, node / plane,
                            node % plane % nx * grid, node % plane / nx * grid);
            }
        pressure *= 1.35f;
        if (pressure > 60) pressure = 60;
    }
    for (int again = 0; again < 2 && !shared && !failed; again++)
        for (int i = 0; i < nets; i++) straighten(&net[i]);
    for (int i = 0; i < nets; i++)
        for (int j = 0; j < net[i].length; j++) {
            int node = net[i].path[j];
            if (node < 0) printf("%d end\n", i);
            else printf("%d %d %d %d %d\n", i, node / plane, node % plane % nx, node % plane / nx, kind_here(&net[i], node));
        }
    for (int i = 0; i < nets; i++)
        if (net[i].flags & NET_GROUND) { stitch(net[i].owner, pitch); break; }
    return failed || shared ? 1 : 0;
}
