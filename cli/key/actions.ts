import type { KeyOf, KeyShape } from "../../adapters/node/mod.ts";
import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import { UsageError } from "../command_line/usage_error.ts";
import type { Action, Bench, Told } from "./action.ts";
import { askPassphrase } from "./ask.ts";
import { checkPrivateTarget, convert, exportPair, showPublic } from "./foreign_actions.ts";
import type { Parameters } from "./parameters.ts";
import { readForeign } from "./read_foreign.ts";

/** Of a key whose size is not told: that of most algorithms. */
const USUAL_BYTES = 32;

export const ACTIONS: Readonly<Record<string, Action>> = {
  async create(bench, parameters) {
    const { path, seal, shape } = parameters;
    if (!seal && (parameters.passphrase !== undefined || parameters.cost !== undefined)) {
      throw new UsageError("--passphrase-fd, --passes and --memory go with --seal");
    }
    const options = seal ? await sealing(bench, parameters, "New passphrase", true) : {};
    const key = bench.keys.createAndRead(path, shape ?? USUAL_BYTES, options);
    return { done: "created", ...described(key), form: seal ? "sealed" : "plain" };
  },
  async read(bench, parameters) {
    if (!parameters.check) {
      throw new UsageError("read takes --check: the key itself is never printed");
    }
    const found = await opening(bench, parameters);
    const { path, trust } = parameters;
    const key = bench.keys.read(path, found.shape, { ...found.options, trust });
    return { done: "checked", ...described(key), ...bench.keys.inspect(path, { trust }) };
  },
  async rotate(bench, parameters) {
    const { path, keepPrevious, cost } = parameters;
    const found = await opening(bench, parameters);
    const { current } = bench.keys.rotate(path, found.shape, {
      ...found.options,
      keepPrevious,
      ...(cost === undefined ? {} : { cost }),
    });
    return {
      done: "rotated",
      ...described(current),
      ...(keepPrevious ? { previous: `${path}.previous` } : {}),
    };
  },
  async seal(bench, parameters) {
    const { path, shape, asIs } = parameters;
    const options = await sealing(bench, parameters, "New passphrase", true);
    bench.keys.seal(path, shape ?? USUAL_BYTES, { ...options, asIs });
    return { done: "sealed" };
  },
  async unseal(bench, { path, passphrase }) {
    const old = await askPassphrase(bench, "Passphrase", passphrase, false);
    bench.keys.unseal(path, { passphrase: old });
    return { done: "unsealed" };
  },
  async "change-passphrase"(bench, parameters) {
    const { path, newPassphrase, cost } = parameters;
    const passphrase = await askPassphrase(bench, "Passphrase", parameters.passphrase, false);
    const fresh = await askPassphrase(bench, "New passphrase", newPassphrase, true);
    bench.keys.changePassphrase(path, {
      passphrase,
      newPassphrase: fresh,
      ...(cost === undefined ? {} : { cost }),
    });
    return { done: "sealed under the new passphrase" };
  },
  async inspect({ keys }, { path, trust }) {
    return { done: "inspected", ...keys.inspect(path, { trust }) };
  },
  async remove({ keys }, { path }) {
    keys.remove(path);
    return { done: "removed" };
  },
  async import(bench, parameters) {
    const { path, from, raw, passphrase, seal, plain } = parameters;
    if (from === undefined)
      throw new UsageError("import takes --from FILE; for standard input --from -");
    if (seal === plain) throw new UsageError("one of --seal and --plain is needed");
    const found = await readForeign(bench, { path: from, raw, passphrase });
    try {
      const { type, secretKey } = found;
      if (type !== "ed25519" && type !== "x25519") {
        const remedy = "a key file holds Ed25519 and X25519; use lethe key convert";
        throw new LetheError("ERR_LETHE_UNSUPPORTED", `Cannot import ${type} key: ${remedy}`);
      }
      const under = { ...parameters, passphrase: parameters.newPassphrase };
      const options = seal ? await sealing(bench, under, "New passphrase", true) : {};
      const key = bench.keys.store(path, type, secretKey, options);
      return { done: "imported", ...described(key), form: seal ? "sealed" : "plain" };
    } finally {
      found.secretKey.destroy();
    }
  },
  async export(bench, parameters) {
    checkPrivateTarget(parameters);
    const { path, trust, shape } = parameters;
    const { form, type } = bench.keys.inspect(path, { trust });
    if (shape === null && (form === "plain" || type === "symmetric")) throw noPair();
    const found = await opening(bench, parameters);
    const key = bench.keys.read(path, found.shape, { ...found.options, trust });
    if (!("publicKey" in key)) throw noPair();
    return await exportPair(bench, parameters, key);
  },
  convert,
  public: showPublic,
};

function noPair(): UsageError {
  return new UsageError("export takes a key pair: give --type ed25519 or x25519");
}

async function sealing(
  bench: Bench,
  { passphrase, cost }: Parameters,
  text: string,
  again: boolean,
): Promise<{ readonly passphrase: SecretBuffer; readonly cost?: NonNullable<typeof cost> }> {
  const asked = await askPassphrase(bench, text, passphrase, again);
  return { passphrase: asked, ...(cost === undefined ? {} : { cost }) };
}

/**
 * How the file at the path is opened: what it says of itself, where it says something. A passphrase is
 * asked for once the file is known to be sealed; who gave one, or said `--sealed`, gets no plain file.
 */
async function opening(
  bench: Bench,
  { path, shape, passphrase, sealed, asIs, trust }: Parameters,
): Promise<{ readonly shape: KeyShape; readonly options: Opening }> {
  const { form, type, keyBytes } = bench.keys.inspect(path, { trust });
  if (form === "plain" && !sealed) return { shape: shape ?? USUAL_BYTES, options: { asIs } };
  if (form === "plain") {
    throw new LetheError(
      "ERR_LETHE_KEY_FORMAT",
      `${JSON.stringify(path)} is plain, and ${passphrase === undefined ? "--sealed" : "a passphrase"} was given; restore the sealed file if there was one, else leave that option away`,
    );
  }
  const own = type === "ed25519" || type === "x25519" ? type : keyBytes;
  const asked = await askPassphrase(bench, "Passphrase", passphrase, false);
  return { shape: shape ?? own, options: { passphrase: asked } };
}

type Opening = { readonly passphrase: SecretBuffer } | { readonly asIs: boolean };

function described(key: KeyOf<KeyShape>): Told {
  if (!("publicKey" in key)) return { type: "symmetric", keyBytes: key.byteLength };
  const { type, publicKey } = key;
  return { type, publicKey: Buffer.from(publicKey).toString("base64") };
}
