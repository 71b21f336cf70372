// Run by the tests of systemd-creds in each runtime, with one job as JSON. It says `ready PID JSON`, and waits to be scanned.

import process from "node:process";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import { offHeapBytes, type SecretBuffer, type Secrets } from "../../../core/mod.ts";
import { runWrapperConformance } from "../../../features/envelopes/mod.ts";
import type {
  SystemdCredsOptions,
  UseSystemdCreds,
} from "../../../features/systemd_creds/types.ts";
import { programArguments } from "../../memories/pages/runtime.ts";
import { stay } from "../key_files/entry.ts";

export interface Job {
  readonly memory: string;
  readonly options: SystemdCredsOptions;
  /** The file key is derived from it, and the witness from the next number. */
  readonly seed: number;
  readonly rounds: number;
}

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openSecrets } = (await import(`../../../adapters/${runtime}/mod.ts`)) as {
  openSecrets(options: { memory: string }): Secrets;
};
const { useSystemdCreds } = (await import(`../../../adapters/${runtime}/systemd_creds.ts`)) as {
  useSystemdCreds: UseSystemdCreds;
};
const job = JSON.parse(programArguments()[0] ?? "{}") as Job;
const secrets = openSecrets({ memory: job.memory });
/** What a program does without this: the scan that finds it finds the others as well. */
const witness = offHeapBytes(512);
deriveInto(job.seed + 1, witness);

const wrapper = useSystemdCreds(secrets, job.options);
const other = useSystemdCreds(secrets, { ...job.options, name: "other" });
const land = (length: number, fill: (page: Uint8Array<ArrayBuffer>) => void): SecretBuffer =>
  secrets.land(length, fill);

async function round(fileKey: SecretBuffer): Promise<boolean> {
  const opened = await wrapper.unwrap(await wrapper.wrap(fileKey), land);
  const isSame = opened?.equals(fileKey) ?? false;
  opened?.destroy();
  return isSame;
}

let outcome: unknown;
const fileKey = secrets.land(16, (page) => deriveInto(job.seed, page));
try {
  let same = 0;
  for (let count = 0; count < job.rounds; count++) same += (await round(fileKey)) ? 1 : 0;
  outcome = { same };
} catch (error) {
  outcome = { failure: (error as Error).message };
} finally {
  fileKey.destroy();
}
const faults = await runWrapperConformance({ secrets, wrapper, other });
const said = { outcome, faults, memory: secrets.memory, live: secrets.stats.live };
await stay({ ...said, kept: witness.length, pid: process.pid });
