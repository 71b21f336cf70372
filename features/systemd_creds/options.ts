import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { isOfAnotherCopy, kindOf } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { Secrets } from "../../core/mod.ts";
import { KEYS } from "./credential.ts";
import { VERB } from "./run.ts";
import type { SystemdCredsOptions, SystemdKey } from "./types.ts";

/** What systemd takes as a file name, a name of a descriptor and a word of a stanza. */
export const NAME: RegExp = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

/** The options, some of them as words of the command. */
export interface CheckedOptions {
  readonly name: string;
  readonly key: SystemdKey;
  readonly device: readonly string[];
  readonly pcrs: readonly string[];
  readonly program: string | undefined;
  readonly timeout: number;
}

/** @throws {TypeError | RangeError} */
export function checkOptions(secrets: Secrets, given: SystemdCredsOptions): CheckedOptions {
  if (typeof secrets?.allocate !== "function" || isOfAnotherCopy(secrets)) {
    throw wrongKind(`Cannot ${VERB} as secrets must come from openSecrets()`, secrets);
  }
  const own = readOptions(given, VERB, OPTIONS);
  const { name, key, tpm2Device, tpm2Pcrs, program, timeout = 30_000 } = own;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw wrongType(
      `Cannot ${VERB} as name must be letters, digits, ".", "_" and "-", at most 128: it is ${typeof name === "string" ? "another text" : kindOf(name)}`,
    );
  }
  if (!KEYS.includes(key as SystemdKey)) {
    throw wrongType(`Cannot ${VERB} as key must be one of ${KEYS.join(", ")}`);
  }
  if (key === "host" && (tpm2Device !== undefined || tpm2Pcrs !== undefined)) {
    throw wrongType(`Cannot ${VERB} as tpm2Device and tpm2Pcrs are for a key of a TPM`);
  }
  if (tpm2Device !== undefined && !(typeof tpm2Device === "string" && DEVICE.test(tpm2Device))) {
    throw wrongType(`Cannot ${VERB} as tpm2Device must be an absolute path, or DRIVER:PARAMETER`);
  }
  if (program !== undefined && (typeof program !== "string" || !program.startsWith("/"))) {
    throw wrongType(
      `Cannot ${VERB} as program must be an absolute path: otherwise the current folder would choose it`,
    );
  }
  checkInteger(timeout, VERB, "timeout", 1, 2 ** 31 - 1);
  return {
    name,
    key: key as SystemdKey,
    device: tpm2Device === undefined ? [] : [`--tpm2-device=${tpm2Device}`],
    pcrs: tpm2Pcrs === undefined ? [] : [`--tpm2-pcrs=${pcrsOf(tpm2Pcrs).join("+")}`],
    program,
    timeout,
  };
}

function pcrsOf(given: unknown): readonly number[] {
  const own = Array.isArray(given) ? [...given] : [];
  if (own.length === 0) {
    throw wrongType(`Cannot ${VERB} as tpm2Pcrs must be an array of at least one register`);
  }
  for (const register of own) checkInteger(register, VERB, "each of tpm2Pcrs", 0, 23);
  return own as number[];
}

const OPTIONS = ["name", "key", "tpm2Device", "tpm2Pcrs", "program", "timeout"] as const;
const DEVICE = /^(?:\/|[a-z0-9]+:)[!-~]+$/;
