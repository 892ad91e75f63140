/**
 * A stopwatch for promises such as "within a second": processor time in milliseconds since it was made, so
 * that a busy machine does not fail a test that a slow algorithm should.
 */
export function stopwatch(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}
