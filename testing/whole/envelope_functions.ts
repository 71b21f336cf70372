/** The functions of `lethe/envelopes`, as {@link Tried}. */
import { type Envelopes, openEnvelopes, type Recipient } from "../../features/envelopes/mod.ts";
import { through } from "./through.ts";
import { bytes, codeOf, MESSAGE, PAIR, type Scene, type Tried, told } from "./tried.ts";

const WRAPPER = ["name", "version", "residue", "alone", "wrap", "unwrap", "args", "body"] as const;

function envelopes({ secrets }: Scene): Envelopes {
  return openEnvelopes(secrets);
}

const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);

export const ENVELOPES: Readonly<Record<string, Tried>> = {
  "seal, open, inspect": {
    names: ["engine", "context", "armor", "armored", ...WRAPPER],
    async run(scene) {
      const identity = envelopes(scene).createIdentity();
      const to: readonly Recipient[] = [envelopes(scene).parseRecipient(identity.recipient)];
      const context = text("a context");
      const plain = await envelopes(scene).seal(MESSAGE.slice(), to);
      const bound = await envelopes(scene).seal(MESSAGE.slice(), to, { context });
      const { armored, context: seen, recipients } = envelopes(scene).inspect(plain);
      const opened = await envelopes(scene).open(plain, [identity]);
      const refused = await codeOf(envelopes(scene).open(bound, [identity]));
      return told(
        armored,
        seen,
        recipients.map(({ type }) => type),
        opened.expose((all) => all.join()),
        refused,
      );
    },
  },
  "readdress, reseal": {
    names: ["context", ...WRAPPER],
    async run(scene) {
      const [identity, other] = [
        envelopes(scene).createIdentity(),
        envelopes(scene).createIdentity(),
      ];
      const first = await envelopes(scene).seal(MESSAGE.slice(), [identity]);
      const second = await envelopes(scene).readdress(first, [identity], [other]);
      const third = await envelopes(scene).reseal(second, [other], [identity]);
      const refused = await codeOf(envelopes(scene).open(second, [identity]));
      return told(refused, (await envelopes(scene).open(third, [identity])).byteLength);
    },
  },
  "formatIdentity, parseIdentities, useKey": {
    names: ["passphrase", "bits", ...PAIR, ...WRAPPER],
    async run(scene) {
      const identity = envelopes(scene).createIdentity();
      const file = envelopes(scene).formatIdentity(identity);
      const again = envelopes(scene).parseIdentities(file);
      const key = scene.entry.parseKey(scene.secrets, bytes(32), { raw: "x25519" });
      const used = envelopes(scene).useKey(key);
      const sealed = await envelopes(scene).seal(MESSAGE.slice(), [identity, used]);
      const lengths = [
        await envelopes(scene).open(sealed, again),
        await envelopes(scene).open(sealed, [used]),
      ].map(({ byteLength }) => byteLength);
      return told(again.length, again[0]?.recipient === identity.recipient, ...lengths);
    },
  },
  usePassphrase: {
    names: ["logWork", "mostLogWork", ...WRAPPER],
    async run(scene) {
      const passphrase = scene.secrets.move(MESSAGE.slice());
      const wrapper = envelopes(scene).usePassphrase(passphrase, { logWork: 1 });
      const sealed = await envelopes(scene).seal(MESSAGE.slice(), [wrapper]);
      return told((await envelopes(scene).open(sealed, [wrapper])).byteLength);
    },
  },
  "sealStream, openStream": {
    names: ["context", ...WRAPPER],
    async run(scene) {
      const identity = envelopes(scene).createIdentity();
      const sealing = envelopes(scene).sealStream([identity]);
      const sealed = await through(sealing, [MESSAGE.slice()]);
      const opened = await through(envelopes(scene).openStream([identity]), sealed);
      return told(opened.length);
    },
  },
};
