import type { Argon2Cost, KeyFileTrust, KeyShape } from "../../adapters/node/mod.ts";
import type {
  ParseKeyOptions,
  PublicKeyFormat,
  WritablePrivateKeyFormat,
} from "../../features/keys/mod.ts";
import type { Given } from "../command_line/given.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { quote, suggest } from "../command_line/words.ts";
import { descriptorOf } from "../descriptor.ts";
import { readerOfInput } from "../standard_input.ts";
import { ACTION_TABLE, PRIVATE_FORMS, PUBLIC_FORMS, TRUSTS } from "./table.ts";
import type { ForeignTarget } from "./write_foreign.ts";

/** What `lethe key` was asked to do. */
export interface Parameters {
  readonly action: string;
  readonly path: string;
  /** As it was given, or null: a sealed file knows its own. */
  readonly shape: KeyShape | null;
  readonly seal: boolean;
  /** The file must be sealed: one that is plain is refused. */
  readonly sealed: boolean;
  /** Bytes of a plain file are taken whatever they look like. */
  readonly asIs: boolean;
  readonly trust: KeyFileTrust;
  readonly check: boolean;
  readonly keepPrevious: boolean;
  readonly json: boolean;
  readonly passphrase: number | undefined;
  readonly newPassphrase: number | undefined;
  /** What standard input is read for, to its end. */
  readonly inputIs: string | undefined;
  readonly cost: Argon2Cost | undefined;
  /** Of `import`: the file of the other program. */
  readonly from: string | undefined;
  /** The form to write a private key in. */
  readonly to: WritablePrivateKeyFormat | undefined;
  /** The form to write a public key in. */
  readonly publicForm: PublicKeyFormat | undefined;
  /** The bytes of the source are the key itself. */
  readonly raw: ParseKeyOptions["raw"];
  readonly encrypt: boolean;
  readonly plain: boolean;
  readonly target: ForeignTarget;
}

/** @throws {UsageError} */
export function readParameters(given: Given): Parameters {
  const [action = "", path] = given.words;
  const takes = Object.hasOwn(ACTION_TABLE, action) ? ACTION_TABLE[action]?.options : undefined;
  if (takes === undefined) {
    const actions = Object.keys(ACTION_TABLE);
    if (action === "") throw new UsageError(`an action is needed: ${actions.join(", ")}`);
    throw new UsageError(`there is no action ${quote(action)}${suggest(action, actions)}`);
  }
  if (path === undefined || path === "") throw new UsageError(`${action} takes one PATH`);
  const foreign = given.options.find(({ name }) => name !== "json" && !takes.includes(name));
  if (foreign !== undefined) throw new UsageError(`${action} takes no --${foreign.name}`);
  const [from, passphrase] = [given.value("from"), descriptorOf(given, "passphrase-fd")];
  const newPassphrase = descriptorOf(given, "new-passphrase-fd");
  const isFile = action === "convert" || action === "public";
  return {
    action,
    path,
    shape: shapeOf(given.value("bytes"), given.value("type")),
    seal: given.has("seal"),
    sealed: given.has("sealed") || given.has("passphrase-fd"),
    asIs: given.has("as-is"),
    trust: readTrust(given.value("trust")),
    check: given.has("check"),
    keepPrevious: given.has("keep-previous"),
    json: given.has("json"),
    passphrase,
    newPassphrase,
    inputIs: readerOfInput([
      { what: "FILE", path: isFile ? path : undefined },
      { what: "--from", path: from },
      { what: "--passphrase-fd", line: passphrase },
      { what: "--new-passphrase-fd", line: newPassphrase },
    ]),
    cost: costOf(given.value("passes"), given.value("memory")),
    from,
    to: action === "public" ? undefined : oneOf("to", PRIVATE_FORMS, given.value("to")),
    publicForm: action === "public" ? oneOf("to", PUBLIC_FORMS, given.value("to")) : undefined,
    raw: oneOf("raw", ["ed25519", "x25519"] as const, given.value("raw")),
    encrypt: given.has("encrypt"),
    plain: given.has("plain"),
    target: targetOf(given),
  };
}

/** @throws {UsageError} for what is not a profile */
export function readTrust(value: string | undefined): KeyFileTrust {
  const trust = TRUSTS.find((name) => name === (value ?? "strict"));
  if (trust === undefined) throw new UsageError(`--trust must be ${TRUSTS.join(", ")}`);
  return trust;
}

function oneOf<T extends string>(
  name: string,
  known: readonly T[],
  value: string | undefined,
): T | undefined {
  const found = known.find((one) => one === value);
  if (value === undefined || found !== undefined) return found;
  throw new UsageError(`--${name} must be ${known.join(", ")}`);
}

function targetOf(given: Given): ForeignTarget {
  const [out, descriptor] = [given.value("out"), descriptorOf(given, "out-fd")];
  if (out !== undefined && descriptor !== undefined) {
    throw new UsageError("only one of --out and --out-fd can be given");
  }
  const isWritten = given.words[0] !== "import" && (given.has("to") || given.words[0] === "public");
  if (given.has("json") && isWritten && out === undefined && (descriptor ?? 1) === 1) {
    throw new UsageError("--json goes with --out: standard output is the key");
  }
  return { out, descriptor, toTerminal: given.has("to-terminal") };
}

function shapeOf(bytes: string | undefined, type: string | undefined): KeyShape | null {
  if (bytes !== undefined && type !== undefined) {
    throw new UsageError("only one of --bytes and --type can be given");
  }
  if (bytes !== undefined) return lengthOf(bytes);
  if (type === undefined) return null;
  if (type === "ed25519" || type === "x25519") return type;
  throw new UsageError("--type must be ed25519 or x25519; for a symmetric key give --bytes");
}

function lengthOf(bytes: string): number {
  const length = numberOf("--bytes", bytes) as number;
  if (length >= 1 && length <= MOST_BYTES) return length;
  throw new UsageError(`--bytes must be from 1 to ${MOST_BYTES}`);
}

/** What a key file can hold. */
const MOST_BYTES = 65_536;

/** Of `--passes` and `--memory`, in MiB, of which neither goes without the other. */
function costOf(passes: string | undefined, memory: string | undefined): Argon2Cost | undefined {
  if (passes === undefined && memory === undefined) return undefined;
  if (passes === undefined || memory === undefined) {
    throw new UsageError("--passes and --memory must be given together");
  }
  return {
    passes: numberOf("--passes", passes) as number,
    memoryBytes: (numberOf("--memory", memory) as number) * 2 ** 20,
  };
}

function numberOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`${name} must be a whole number`);
  return Number(value);
}
