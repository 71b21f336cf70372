import type { EntryHere } from "../../system/misplaced.ts";

/** For what is said where this entry is out of its place. */
export const NODE_ENTRY: EntryHere = {
  kind: "node",
  taken: "this entry",
};
