import type { Guarantees, PassedOver } from "../../core/mod.ts";
import type { Hardening, HardeningStep } from "../process/hardening/mod.ts";
import type { SecretStatus } from "./vault/entry.ts";

/** Where the key lies under which a custodian's secrets are sealed. */
export interface AtRest {
  /** Both halves, or the guarded one alone. */
  readonly key: "secure heap and guarded memory" | "guarded memory";
  /** Bytes of OpenSSL's secure heap; 0 where there is none. */
  readonly total: number;
  /** Bytes of it that are in use. */
  readonly used: number;
  /** What was seen, or why there is no key in the secure heap. */
  readonly evidence: string;
}

/**
 * The steps of hardening, and `permissions`: the runtime itself refuses the custodian to open files for writing, to start
 * programs and to reach the network, as far as it has permissions; and no input that it was given is a file open for writing.
 */
export interface CustodianHardening extends Hardening {
  /** Whether the runtime refuses the custodian files, programs and the network. */
  readonly permissions: HardeningStep;
}

/** What is true of a custodian's process, as it found on its start. */
export interface CustodianReport {
  /** The id of its process. */
  readonly pid: number;
  /** Name and version of its runtime. */
  readonly runtime: string;
  /** The memory in which its secrets are opened, and the guarded half of its key lies. */
  readonly memory: string;
  /** What that memory promises. */
  readonly guarantees: Guarantees;
  /** Stronger memories that it did not take, and why. */
  readonly passedOver: readonly PassedOver[];
  /** What computes there. */
  readonly engine: string;
  /** Where the key lies under which its secrets are sealed. */
  readonly atRest: AtRest;
  /** What was done to keep others out of the process, and what could not be. */
  readonly hardening: CustodianHardening;
}

/** What a custodian holds now. */
export interface CustodianStatus {
  /** How many secrets it has. */
  readonly count: number;
  /** The first of them, as many as were asked for. */
  readonly secrets: readonly SecretStatus[];
  /** Whether the key of the vault is derived, or would have to be for the next use. */
  readonly unlocked: boolean;
  /** Bytes of OpenSSL's secure heap; 0 where there is none. */
  readonly secureHeap: { readonly total: number; readonly used: number };
}
