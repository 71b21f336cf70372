import { derivedNeedle, expectNoResidue, scanProcess } from "../../../conformance/mod.ts";
import { startWaiting } from "../key_files/children.ts";
import { RUNTIMES } from "../prompt/pty.ts";

/** What is measured. */
export interface Subject {
  readonly runtime: string;
  readonly memory: string;
  readonly kind: string;
  readonly reference: string;
  /** Of the secret; the next one is the witness. */
  readonly seed: number;
  readonly byteLength: number;
  /** Instead of reads. */
  readonly verb?: "store";
  /** What stands in front of the command: an environment, a filter. */
  readonly around?: readonly string[];
}

/** What a probe said. */
export interface Measured {
  readonly outcome: string;
  readonly memory: string;
  readonly live: number;
  /** Copies of the secret in the process after 40 reads or stores. */
  readonly copies: number;
}

/** The probe, to run in a runtime. */
export const PROBE_COMMAND: readonly string[] = [
  new URL("./residue_probe.ts", import.meta.url).pathname,
];

/** Reads a keyring, or stores there, 40 times in a process, and counts what is left there. */
export async function measure(subject: Subject): Promise<Measured> {
  const {
    runtime,
    memory,
    kind,
    reference,
    seed,
    byteLength,
    verb = "read",
    around = [],
  } = subject;
  const words = [kind, reference, memory, `${seed}`, `${byteLength}`, verb];
  const command = [...around, ...(RUNTIMES[runtime] ?? []), ...PROBE_COMMAND, ...words];
  const target = await startWaiting<Omit<Measured, "copies">>(command);
  try {
    const needle = derivedNeedle(seed, byteLength);
    const witness = derivedNeedle(seed + 1, 512);
    const scanned = scanProcess(target.pid, [needle, witness]);
    if (scanned.outcome !== "scanned") throw new Error(scanned.reason);
    const copies = scanned.findings.filter((found) => found.needle === needle.label).length;
    // Throws as well where the scan could not have seen a copy.
    if (copies === 0) expectNoResidue({ pid: target.pid, needle, witness });
    return { ...target.said, copies };
  } finally {
    await target.stop();
  }
}
