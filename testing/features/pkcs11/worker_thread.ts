// The thread of worker_probe.ts.
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { Secrets } from "../../../core/mod.ts";
import type { UsePkcs11 } from "../../../features/pkcs11/types.ts";

const { runtime, uri, pin } = workerData as { runtime: string; uri: string; pin: string };
const { openSecrets } = (await import(`../../../adapters/${runtime}/mod.ts`)) as {
  openSecrets(): Secrets;
};
const { usePkcs11 } = (await import(`../../../adapters/${runtime}/pkcs11.ts`)) as {
  usePkcs11: UsePkcs11;
};
const secrets = openSecrets();

parentPort?.on("message", () => {
  try {
    usePkcs11(secrets, { uri, pin: new Uint8Array(readFileSync(pin)) }).destroy();
    parentPort?.postMessage("works");
  } catch (error) {
    parentPort?.postMessage((error as { returnValue?: string }).returnValue ?? String(error));
  }
});
