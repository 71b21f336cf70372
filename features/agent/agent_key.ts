import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { readRecord } from "../../core/arguments/options.ts";
import { LetheError } from "../../core/mod.ts";
import type { Custodian, KeyPairType } from "../custodian/types.ts";
import { KEY_PAIR_TYPES } from "../custodian/vault/key_pair_types.ts";
import { formatPublicKey } from "../keys/mod.ts";
import { copyOf, sshPublicBlob } from "../keys/ssh.ts";
import type { AgentKey } from "./agent.ts";

/** A key that is to be offered, checked. */
export interface CheckedAgentKey {
  readonly type: KeyPairType;
  /** Its public half on the wire. */
  readonly blob: Uint8Array<ArrayBuffer>;
}

/**
 * @param verb what cannot be done, for the message
 * @throws {TypeError | RangeError} for what is no name, or no public key of its type
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID`
 */
export function checkAgentKey(verb: string, name: unknown, key: AgentKey): CheckedAgentKey {
  if (typeof name !== "string" || name === "") {
    throw wrongType(`Cannot ${verb} as name must be the name of a secret in the custodian`);
  }
  const { type, publicKey } = readRecord(key, verb, "key", ["type", "publicKey"]);
  if (type === undefined || !KEY_PAIR_TYPES.includes(type) || publicKey === undefined) {
    throw wrongType(`Cannot ${verb} as key.type must be one of ${KEY_PAIR_TYPES.join(", ")}`);
  }
  formatPublicKey({ type, publicKey }, { format: "openssh" }); // checks it
  return { type, blob: sshPublicBlob(type, copyOf(publicKey)) as Uint8Array<ArrayBuffer> };
}

/** @throws {TypeError} for what is no custodian */
export function checkCustodian(verb: string, custodian: unknown): void {
  const { sign, put, ended } = (custodian ?? {}) as Partial<Custodian>;
  if (typeof sign === "function" && typeof put === "function" && ended !== undefined) return;
  throw wrongKind(`Cannot ${verb} as custodian must come from openCustodian()`, custodian);
}

/** @throws {LetheError} `ERR_LETHE_SECURE_HEAP` where no key could ever be added */
export function checkSecureHeap({ report }: Custodian): void {
  if (report.atRest.total > 0) return;
  throw new LetheError(
    "ERR_LETHE_SECURE_HEAP",
    `Cannot open agent: its custodian has no secure heap (${report.runtime}); open one on Node.js whose secureHeapBytes is not 0, or leave out keyPlace`,
  );
}
