# Floating point and attribute access.
class Body:
    def __init__(self, x, y, vx, vy, mass):
        self.x, self.y, self.vx, self.vy, self.mass = x, y, vx, vy, mass


bodies = [Body(i * 1.5, i * 0.5 - 2, 0.1 * i, -0.2 * i, 1.0 + i) for i in range(5)]
for _ in range(60_000):
    for i, a in enumerate(bodies):
        for b in bodies[i + 1 :]:
            dx, dy = a.x - b.x, a.y - b.y
            pull = 0.001 / (dx * dx + dy * dy + 0.01) ** 1.5
            a.vx -= dx * b.mass * pull
            a.vy -= dy * b.mass * pull
            b.vx += dx * a.mass * pull
            b.vy += dy * a.mass * pull
    for a in bodies:
        a.x += a.vx * 0.001
        a.y += a.vy * 0.001
print(f"{sum(a.x + a.y for a in bodies):.6f}")
