import { type Encoding, offHeapBytes, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { check, refused, same, sameBytes, zero } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { read, sample } from "./samples.ts";

const BYTES = ["M3", "M11"];
const ENCODINGS: readonly Encoding[] = ["hex", "base64", "base64url"];

/** Text to bytes and back, without a string. */
export const CODEC: readonly ConformanceCase[] = [
  {
    id: "C1",
    title: "`encode` and `decode` keep RFC 4648: its vectors, and a plain codec at every length",
    rests: BYTES,
    run(trial) {
      const secrets = trial.secrets();
      for (const [bytes, ...texts] of VECTORS) {
        ENCODINGS.forEach((encoding, index) => {
          roundTrip(secrets, ascii(bytes), encoding, texts[index] as string);
        });
      }
      const lengths = [...Array.from({ length: 70 }, (_, index) => index + 1), 4095, 4096, 4097];
      for (const length of lengths) {
        for (const encoding of ENCODINGS) {
          roundTrip(secrets, sample(length), encoding, plainText(sample(length), encoding));
        }
      }
    },
  },
  {
    id: "C2",
    title: "malformed text is ERR_LETHE_ENCODING; nothing is made, and the source is untouched",
    rests: ["M11"],
    run(trial) {
      const secrets = trial.secrets();
      for (const encoding of ENCODINGS) {
        const messages = new Set<string>();
        for (const text of MALFORMED[encoding]) {
          const source = ascii(text);
          const error = refused("ERR_LETHE_ENCODING", `${encoding} ${text}`, () =>
            secrets.decode(source, encoding),
          );
          sameBytes(source, ascii(text), "the source of a refused decode");
          messages.add(error.message);
        }
        same(messages.size, 1, `number of different messages for malformed ${encoding}`);
      }
      same(secrets.stats.live, 0, "live secrets after malformed text");
    },
  },
  {
    id: "C3",
    title: "`decode` wipes its source, and `encode` leaves its secret as it was",
    rests: BYTES,
    run(trial) {
      const secrets = trial.secrets();
      for (const encoding of ENCODINGS) {
        const text = ascii(plainText(sample(48), encoding));
        const source = offHeapBytes(text.length);
        source.set(text);
        const secret = secrets.decode(source, encoding);
        zero(source, `the source of a ${encoding} decode`);
        const encoded = secrets.encode(secret.freeze(), encoding);
        check(encoded !== secret, "encode gives its own secret back");
        sameBytes(read(encoded), text, `${encoding} text`);
        sameBytes(read(secret), sample(48), "the encoded secret");
      }
    },
  },
];

function roundTrip(secrets: Secrets, bytes: Uint8Array, encoding: Encoding, text: string): void {
  const what = `${encoding} of ${bytes.length} bytes`;
  const secret = secrets.decode(ascii(text), encoding);
  sameBytes(read(secret), bytes, `decoded ${what}`);
  const encoded: SecretBuffer = secrets.encode(secret, encoding);
  sameBytes(read(encoded), ascii(text), `encoded ${what}`);
  secret.destroy();
  encoded.destroy();
}

function ascii(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(text.length));
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** The slow plain twin of the codec. Its input is a sample, so that it may be a string. */
function plainText(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding === "hex") {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  if (encoding === "base64") return base64;
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** RFC 4648 section 10, and the two characters in which base64 and base64url differ. */
const VECTORS: readonly (readonly [string, string, string, string])[] = [
  ["f", "66", "Zg==", "Zg"],
  ["fo", "666f", "Zm8=", "Zm8"],
  ["foo", "666f6f", "Zm9v", "Zm9v"],
  ["foob", "666f6f62", "Zm9vYg==", "Zm9vYg"],
  ["fooba", "666f6f6261", "Zm9vYmE=", "Zm9vYmE"],
  ["foobar", "666f6f626172", "Zm9vYmFy", "Zm9vYmFy"],
  ["\xfb\xff\xbf", "fbffbf", "+/+/", "-_-_"],
];

const MALFORMED: Readonly<Record<Encoding, readonly string[]>> = {
  hex: ["a", "abc", "0g", "g0", "0x12", "12 3", " 12", "12\n", "--", "``", "@@", "//", "::", "GG"],
  base64: [
    "Z",
    "Zg",
    "Zg=",
    "Zh==",
    "Zm9=",
    "Zm9v=",
    "Z===",
    "====",
    "Z=g=",
    "Zm 9",
    "-_-_",
    "Zm9\n",
  ],
  base64url: ["Z", "Zg==", "Zh", "Zm9", "+/+/", "Zm9vZ", "Z g", "Zm9.", "Zm8=", "\xc3\xa9AA"],
};
