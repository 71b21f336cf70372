import { bare } from "../core/arguments/own.ts";

/** What the codes of errno(3) for want of a descriptor mean, and what helps. */
export const NO_DESCRIPTORS: Readonly<Record<"EMFILE" | "ENFILE", string>> = bare({
  EMFILE: "this process has as many open files as it may; raise the limit with ulimit -n",
  ENFILE: "the system has as many open files as it may; try again later",
});

/** Whether there was no descriptor left, in this process or in the system. */
export function isWithoutDescriptors(code: string | undefined): code is "EMFILE" | "ENFILE" {
  return code === "EMFILE" || code === "ENFILE";
}
