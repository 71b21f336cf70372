import { fstatSync, writeSync } from "node:fs";
import type { Region } from "../../core/mod.ts";
import { type FaultySubject, withRegions } from "./faulty_subject.ts";

/** Beyond those that Node marks when it starts. */
const DESCRIPTOR = 63;

/** Memories that leave something to the programs that the process starts. */
export const INHERITED: readonly FaultySubject[] = [
  {
    name: "backup in a file",
    breaks: "F5",
    fault: "secrets are kept in a file as well, whose descriptor started programs inherit",
    memory: () => withRegions(backedUp),
    launcher: ["bash", "-c", `exec ${DESCRIPTOR}<>backup; exec "$@"`, "bash"],
  },
];

function backedUp(region: Region): Partial<Region> {
  const write = (bytes: Uint8Array): void => {
    if (isOpen()) writeSync(DESCRIPTOR, bytes, 0, bytes.length, 0);
  };
  return {
    detach() {
      write(region.view());
      region.detach();
    },
    release() {
      write(new Uint8Array(region.byteLength));
      region.release();
    },
  };
}

/** Only in a target, which the launcher started. */
function isOpen(): boolean {
  try {
    return fstatSync(DESCRIPTOR).isFile();
  } catch {
    return false;
  }
}
