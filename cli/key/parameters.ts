import { parseArgs } from "node:util";
import type { Argon2Cost, KeyFileTrust, KeyShape } from "../../adapters/node/mod.ts";

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
  readonly cost: Argon2Cost | undefined;
}

/** Which options each action takes, besides `--json`. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  create: ["bytes", "type", "seal", "passphrase-fd", "passes", "memory"],
  read: ["check", "bytes", "type", "passphrase-fd", "sealed", "as-is", "trust"],
  rotate: [
    ...["bytes", "type", "keep-previous", "passphrase-fd", "passes", "memory"],
    ...["sealed", "as-is"],
  ],
  seal: ["bytes", "type", "passphrase-fd", "passes", "memory", "as-is"],
  unseal: ["passphrase-fd"],
  rekey: ["passphrase-fd", "new-passphrase-fd", "passes", "memory"],
  inspect: ["trust"],
  remove: [],
};

/** @returns null when help was asked for. @throws {TypeError | RangeError} for wrong usage */
export function readParameters(parameters: readonly string[]): Parameters | null {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    allowPositionals: true,
    options: {
      bytes: { type: "string" },
      type: { type: "string" },
      seal: { type: "boolean" },
      sealed: { type: "boolean" },
      "as-is": { type: "boolean" },
      trust: { type: "string" },
      check: { type: "boolean" },
      "keep-previous": { type: "boolean" },
      "passphrase-fd": { type: "string" },
      "new-passphrase-fd": { type: "string" },
      passes: { type: "string" },
      memory: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return null;
  const [action = "", path, ...more] = positionals;
  const takes = Object.hasOwn(TAKES, action) ? TAKES[action] : undefined;
  if (takes === undefined) throw new TypeError(`there is no action ${JSON.stringify(action)}`);
  if (path === undefined || more.length > 0) throw new TypeError(`${action} takes one PATH`);
  const foreign = Object.keys(values).find((name) => name !== "json" && !takes.includes(name));
  if (foreign !== undefined) throw new TypeError(`${action} takes no --${foreign}`);
  return {
    action,
    path,
    shape: shapeOf(values.bytes, values.type),
    seal: values.seal === true,
    sealed: values.sealed === true || values["passphrase-fd"] !== undefined,
    asIs: values["as-is"] === true,
    trust: readTrust(values.trust),
    check: values.check === true,
    keepPrevious: values["keep-previous"] === true,
    json: values.json === true,
    passphrase: numberOf("--passphrase-fd", values["passphrase-fd"]),
    newPassphrase: numberOf("--new-passphrase-fd", values["new-passphrase-fd"]),
    cost: costOf(values.passes, values.memory),
  };
}

/** @throws {TypeError} for what is no profile */
export function readTrust(value: string | undefined): KeyFileTrust {
  const trust = TRUSTS.find((name) => name === (value ?? "strict"));
  if (trust === undefined) throw new TypeError(`--trust must be ${TRUSTS.join(", ")}`);
  return trust;
}

const TRUSTS: readonly KeyFileTrust[] = ["strict", "kubernetes", "systemd", "compose"];

function shapeOf(bytes: string | undefined, type: string | undefined): KeyShape | null {
  if (bytes !== undefined && type !== undefined) {
    throw new TypeError("only one of --bytes and --type can be given");
  }
  if (bytes !== undefined) return numberOf("--bytes", bytes) as number;
  if (type === undefined) return null;
  if (type === "ed25519" || type === "x25519") return type;
  throw new TypeError("--type must be ed25519 or x25519; for a symmetric key give --bytes");
}

/** Of `--passes` and `--memory`, in MiB, of which neither goes without the other. */
function costOf(passes: string | undefined, memory: string | undefined): Argon2Cost | undefined {
  if (passes === undefined && memory === undefined) return undefined;
  if (passes === undefined || memory === undefined) {
    throw new TypeError("--passes and --memory must be given together");
  }
  return {
    passes: numberOf("--passes", passes) as number,
    memoryBytes: (numberOf("--memory", memory) as number) * 2 ** 20,
  };
}

function numberOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new TypeError(`${name} must be a whole number`);
  return Number(value);
}
