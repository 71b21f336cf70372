import type { FileCalls } from "../../../features/key_files/file_calls.ts";
import { nodeCalls } from "../../../features/key_files/mod.ts";

/** One call as it was made: its name and what it answered or threw. */
export type Interfere = (name: keyof FileCalls, number: number, call: () => unknown) => unknown;

/** The real calls, each of which `interfere` makes, fails, repeats or leaves out. Numbered from 0. */
export function interferedCalls(interfere: Interfere, real: FileCalls = nodeCalls()): FileCalls {
  let number = 0;
  const wrap =
    <P extends unknown[], R>(name: keyof FileCalls, call: (...parameters: P) => R) =>
    (...parameters: P): R =>
      interfere(name, number++, () => call(...parameters)) as R;
  // What only decides how a call is made is left alone, and so is what a runtime has not.
  const wrapped = Object.keys(real).map((key) => {
    const name = key as keyof FileCalls;
    const call = real[name] as unknown;
    const plain = typeof call !== "function" || UNCHANGED.includes(name);
    return [name, plain ? call : wrap(name, call as (...parameters: unknown[]) => unknown)];
  });
  return Object.fromEntries(wrapped) as FileCalls;
}

const UNCHANGED: readonly string[] = ["user", "groups"];

/** The error of a system call that failed. */
export function errno(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
