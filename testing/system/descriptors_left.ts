import { closeSync, openSync } from "node:fs";

/** What comes of `work` with so many descriptors left. */
export async function withDescriptorsLeft<T>(left: number, work: () => Promise<T>): Promise<T> {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    for (const descriptor of taken.splice(0, left)) closeSync(descriptor);
  }
  try {
    return await work();
  } finally {
    for (const descriptor of taken) closeSync(descriptor);
  }
}
