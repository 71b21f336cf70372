import { readdirSync, readlinkSync, statSync } from "node:fs";
import type { Needle } from "../forensics/needle.ts";
import { scanFile } from "../forensics/scan_file.ts";
import type { Executed } from "../tracer/tracer.ts";
import type { Inherited } from "./target.ts";

/** Looks at the descriptors of a program that was just started, and into the files behind them. */
export function scanInherited({ pid, control }: Executed, needles: readonly Needle[]): Inherited {
  const folder = `/proc/${pid}/fd`;
  const paths = readdirSync(folder).map((name) => `${folder}/${name}`);
  return {
    control: readlinkSync(`${folder}/${control}`).startsWith("/memfd:control"),
    descriptors: paths.map((path) => readlinkSync(path)),
    findings: paths
      .filter((path) => isReadable(path))
      .flatMap((path) => scanFile(path, needles).findings),
  };
}

/** Files, memfd among them, can be read from here. Memory of memfd_secret cannot: its name tells. */
function isReadable(path: string): boolean {
  return !readlinkSync(path).startsWith("/secretmem") && statSync(path).isFile();
}
