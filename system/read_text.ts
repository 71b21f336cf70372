import { bare } from "../core/arguments/own.ts";
import { fs } from "./node_builtins.ts";
import { checkReadable } from "./permitted.ts";
import { refuseRedirection } from "./redirection.ts";

const { readFileSync } = fs;

/** The text of a small file, such as those of /proc. Deno never asks for it. @throws what the system answers */
export function readText(path: string): string {
  refuseRedirection();
  checkReadable(path);
  return readFileSync(path, TEXT) as unknown as string;
}

/** The bytes of a small file. @throws what the system answers */
export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  refuseRedirection();
  checkReadable(path);
  return readFileSync(path, BYTES) as unknown as Uint8Array<ArrayBuffer>;
}

const TEXT: { readonly encoding: "latin1"; readonly flag: "r" } = bare({
  encoding: "latin1",
  flag: "r",
});
const BYTES: { readonly encoding: null; readonly flag: "r" } = bare({ encoding: null, flag: "r" });
