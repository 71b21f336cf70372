/** When a call of the memory fails, and whether every later call of its kind does too. */
export const WAYS = [
  ["before", false],
  ["after", false],
  ["before", true],
  ["after", true],
] as const;

/** What `run` gives, or the error that it ends with. */
export async function settle(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return error;
  }
}
