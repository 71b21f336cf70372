/** The process of a token, without the process: what it keeps of each request. */

import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyFfi } from "../../adapters/node/ffi.ts";
import { openSecrets } from "../../adapters/node/mod.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import { noSoftHsm, SoftHsm } from "../../testing/features/pkcs11/softhsm.ts";
import type { Fields } from "../custodian/open_guest.ts";
import type { Guest } from "../custodian/program.ts";
import { serveToken } from "./serve.ts";

const PIN = "4711-secret";
const why = noSoftHsm === null ? "" : `NOT RUN, ${noSoftHsm}: `;

describe.skipIf(noSoftHsm !== null)(`${why}the process of a token`, () => {
  const secrets = openSecrets({ memory: "heap" });
  const { engine } = enginesOfSecrets(secrets).choose({ verb: "test", operations: ["aead"] });
  let hsm: SoftHsm;
  let guest: Guest;
  beforeAll(() => {
    hsm = new SoftHsm();
    hsm.addToken("lethe", PIN);
    hsm.addKey("lethe", PIN, "aes:32", "sealing", "01");
    process.env["SOFTHSM2_CONF"] = hsm.env["SOFTHSM2_CONF"];
    guest = serveToken(anyFfi, { secrets, engine });
  });
  afterAll(() => {
    guest?.destroy();
    hsm?.stop();
    expect(secrets.stats.live).toBe(0);
  });

  /** What it replies, and the secret with it. */
  function ask(fields: Fields, secret: Uint8Array | null = null): readonly [Fields, number[]] {
    const said: [Fields, number[]][] = [];
    void guest.answer({
      fields,
      arrival:
        secret === null
          ? null
          : { byteLength: secret.length, openInto: (bytes) => bytes.set(secret) },
      reply: (given, bytes) => void said.push([given, [...(bytes ?? [])]]),
    });
    expect(said).toHaveLength(1);
    return said[0] as [Fields, number[]];
  }

  it("keeps the PIN alone, and nothing of a call, also of one that fails", () => {
    const pin = new Uint8Array(Buffer.from(PIN));
    const load = (object: string): Fields => ({
      ...{ type: "load", text: hsm.uri("lethe", object), hash: "sha1", holds: false },
    });
    const before = secrets.stats.live;
    expect(() => ask({ type: "wrap" }, new Uint8Array(16))).toThrow(/was not loaded/);
    expect(ask(load("none"), pin)[0]).toMatchObject({ text: "", message: expect.any(String) });
    const wrong = ask(load("sealing"), new Uint8Array(Buffer.from("another-pin")))[0];
    expect(wrong).toMatchObject({ text: "CKR_PIN_INCORRECT", type: "fewer" });
    expect(secrets.stats.live).toBe(before);
    expect(ask(load("sealing"), pin)).toEqual([{}, []]);
    expect(secrets.stats.live).toBe(before + 1);
    expect(ask(load("sealing"), pin)[0]).toMatchObject({
      message: expect.stringContaining("loaded twice"),
    });
    const fileKey = Uint8Array.from({ length: 16 }, (_, at) => at + 100);
    const [{ report = "", data }] = ask({ type: "wrap" }, fileKey);
    expect(JSON.parse(report)).toMatchObject(["lethe/pkcs11", "aes-gcm", expect.any(String)]);
    const unwrap = { type: "unwrap", report, data: data as Uint8Array };
    expect(ask(unwrap)).toEqual([{ byteLength: 16 }, [...fileKey]]);
    const other = JSON.stringify(["lethe/pkcs11", "aes-gcm", "another"]);
    expect(ask({ ...unwrap, report: other })).toEqual([{ holds: false }, []]);
    expect(() => ask({ type: "wrap" }, new Uint8Array(15))).toThrow(RangeError);
    expect(ask({ ...unwrap, report: "{" })[0]).toMatchObject({
      message: expect.stringMatching(/^Cannot use PKCS#11 key: its process failed at it; read the/),
    });
    expect(() => ask({ ...unwrap, data: new Uint8Array(3) })).toThrow(/has not the form/);
    expect(secrets.stats.live).toBe(before + 1);
  });
});
