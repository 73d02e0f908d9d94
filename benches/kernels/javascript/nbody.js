// Floating point and property access.
const bodies = Array.from({ length: 5 }, (_, i) => ({
  x: i * 1.5, y: i * 0.5 - 2, vx: 0.1 * i, vy: -0.2 * i, mass: 1 + i,
}));
for (let step = 0; step < 200000; step++) {
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i];
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j];
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const square = dx * dx + dy * dy + 0.01;
      const pull = 0.001 / (square * Math.sqrt(square));
      a.vx -= dx * b.mass * pull;
      a.vy -= dy * b.mass * pull;
      b.vx += dx * a.mass * pull;
      b.vy += dy * a.mass * pull;
    }
  }
  for (const a of bodies) {
    a.x += a.vx * 0.001;
    a.y += a.vy * 0.001;
  }
}
console.log(bodies.reduce((sum, a) => sum + a.x + a.y, 0).toFixed(6));
