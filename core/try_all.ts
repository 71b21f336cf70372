/** Takes every step, also when others fail. Then the first error is raised. */
export function tryAll(steps: Iterable<() => void>): void {
  let failed = false;
  let first: unknown;
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      if (!failed) first = error;
      failed = true;
    }
  }
  if (failed) throw first;
}
