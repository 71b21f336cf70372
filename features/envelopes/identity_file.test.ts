import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { text, textOf } from "../../testing/features/envelopes/texts.ts";
import { openEnvelopes } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
afterEach(() => secrets.purge());

/** An identity as its line, and its recipient. */
function made(): readonly [line: string, recipient: string] {
  const identity = envelopes.createIdentity();
  return [textOf(envelopes.formatIdentity(identity)), identity.recipient];
}

const recipientsOf = (file: string): readonly string[] =>
  envelopes.parseIdentities(text(file)).map(({ recipient }) => recipient);

const [[one, first], [two, second], [three, third]] = [made(), made(), made()];

describe("a file of identities", () => {
  it.each([
    ["one line without an end", one, [first]],
    ["one line", `${one}\n`, [first]],
    ["lines in their order", `${one}\n${two}\n${three}\n`, [first, second, third]],
    ["comments and empty lines", `# created\n\n${one}\n#${three}\n\n${two}`, [first, second]],
    ["either end of a line", `# created\r\n\r\n${one}\r\n${two}\n`, [first, second]],
    ["a return at its end", `${one}\r\n${two}\r`, [first, second]],
    ["a return alone", `${one}\n\r`, [first]],
    ["an empty first line", `\n${one}`, [first]],
  ])("has %s", (_what, file, recipients) => {
    expect(recipientsOf(file)).toEqual(recipients);
  });

  it.each([
    ["", /at least one byte|no secret|empty/],
    ["# a comment\n\n", /it holds no identity; correct the path/],
    ["\n", /it holds no identity/],
    [`${one}\n\nhello\n`, /line 3 is neither an identity nor a comment, and not empty/],
    [`${one}\n ${two}\n`, /line 2 is neither/],
    [`${one}x\n`, /line 1 is not a whole identity/],
    [`# 1\n# 2\n${one.slice(0, -1)}`, /line 3 is not a whole identity/],
    [`${one}\n${one.toLowerCase()}\n`, /line 2 is neither/],
    [`${one}\nAGE-PLUGIN-YUBIKEY-1QQPQ\n`, /line 2 is of a plugin; pass it to usePlugin\(\)/],
    [`\n\n\nAGE-SECRET-KEY-PQ-1QQPQ\n`, /line 4 is a hybrid key \(ML-KEM\)/],
  ])("is refused whole for a line that is none: %j", (file, message) => {
    const before = secrets.stats.live;
    expect(() => recipientsOf(file)).toThrow(message);
    expect(secrets.stats.live).toBe(before);
  });

  it.each([
    [`AGE-PLUGIN-YUBIKEY-1QQPQ`, "ERR_LETHE_UNSUPPORTED"],
    [`AGE-SECRET-KEY-PQ-1QQPQ`, "ERR_LETHE_UNSUPPORTED"],
    [`hello`, "ERR_LETHE_KEY_FORMAT"],
    [`# nothing`, "ERR_LETHE_KEY_FORMAT"],
  ])("is refused by its code: %s", (file, code) => {
    expect(() => recipientsOf(file)).toThrow(expect.objectContaining({ code }));
  });

  it("has at most 1 MiB, as bytes and as a secret", () => {
    const comment = (byteLength: number): string =>
      `${one}\n#${"x".repeat(byteLength - one.length - 2)}`;
    expect(recipientsOf(comment(2 ** 20))).toEqual([first]);
    const long = comment(2 ** 20 + 1);
    const error = expect.objectContaining({
      code: "ERR_LETHE_KEY_FORMAT",
      message: expect.stringMatching(/it has 1048577 bytes, and no identity file takes more than/),
    });
    expect(() => recipientsOf(long)).toThrow(error);
    expect(() => envelopes.parseIdentities(secrets.move(text(long)))).toThrow(error);
  });

  it("is wiped where it is plain bytes, and kept where it is a secret", () => {
    const source = text(`${one}\n`);
    envelopes.parseIdentities(source);
    expect(source.every((byte) => byte === 0)).toBe(true);
    const kept = secrets.move(text(one));
    expect(envelopes.parseIdentities(kept)).toHaveLength(1);
    expect(textOf(kept)).toBe(one);
  });

  it("takes a passphrase for a key of SSH alone", () => {
    const passphrase = secrets.move(text("a passphrase"));
    expect(() => envelopes.parseIdentities(text(one), { passphrase })).toThrow(
      /there is a passphrase, and the file is not an SSH key; open one that age encrypted/,
    );
    const short = secrets.move(text("x"));
    expect(() => envelopes.parseIdentities(text(one), { passphrase: short })).toThrow(
      /the file is not an SSH key/,
    );
    expect(() => envelopes.parseIdentities(text(one), { passphrase: text("a") as never })).toThrow(
      /Cannot parse identities as passphrase must be/,
    );
    expect(() => envelopes.parseIdentities(text(one), { password: passphrase } as never)).toThrow(
      /Cannot parse identities .*password/,
    );
    expect(() => envelopes.parseIdentities("text" as never)).toThrow(
      /Cannot parse identities as source must be/,
    );
  });
});
