import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { useSystemdCreds } from "../../adapters/node/systemd_creds.ts";
import { useSystemdCreds as onPage } from "../../adapters/web/doors/systemd_creds.ts";
import { CredsStage } from "../../testing/features/systemd_creds/stage.ts";
import { isCredential } from "./credential.ts";

const stage = new CredsStage();
const program = stage.program("never", "exit 9");
const good = { name: "backup", key: "host", program } as const;
afterAll(() => stage.remove());

describe("options of systemd-creds", () => {
  it.each([
    ["no name", { name: undefined }, /name must be letters/],
    ["a path as a name", { name: "a/b" }, /name must be letters/],
    ["two dots as a name", { name: ".." }, /name must be letters/],
    ["a name that is an option", { name: "" }, /name must be letters/],
    ["a long name", { name: "a".repeat(129) }, /name must be letters/],
    ["a name with a line feed", { name: "a\n" }, /name must be letters/],
    ["no key", { key: undefined }, /key must be one of host, tpm2, host\+tpm2/],
    ["no key at all", { key: "tpm2-absent" }, /key must be one of/],
    ["whatever systemd finds", { key: "auto" }, /key must be one of/],
    ["a device beside a host's key", { tpm2Device: "/dev/tpmrm0" }, /are for a key of a TPM/],
    ["registers beside it", { tpm2Pcrs: [7] }, /are for a key of a TPM/],
    ["a relative device", { key: "tpm2", tpm2Device: "tpm" }, /absolute path, or DRIVER/],
    ["a device with a blank", { key: "tpm2", tpm2Device: "/dev/a b" }, /absolute path, or DRIVER/],
    ["registers as a text", { key: "tpm2", tpm2Pcrs: "7" }, /must be an array/],
    ["no register", { key: "tpm2", tpm2Pcrs: [] }, /at least one register/],
    ["a register too high", { key: "tpm2", tpm2Pcrs: [24] }, /tpm2Pcrs/],
    ["no time", { timeout: 0 }, /timeout/],
    ["an unknown option", { pin: "1234" }, /pin/],
  ])("refuse %s", (_name, more, said) => {
    const options = { ...good, ...more } as never;
    expect(() => useSystemdCreds(stage.secrets, options)).toThrow(said);
    expect(() => useSystemdCreds({} as never, good)).toThrow(/openSecrets/);
  });

  it("make a wrapper that says what it is, and on a page an error that does", () => {
    const wrapper = useSystemdCreds(stage.secrets, { ...good, key: "host+tpm2", tpm2Pcrs: [7] });
    expect(wrapper).toMatchObject({ name: "systemd-creds host+tpm2 backup", version: null });
    expect(wrapper.residue).toMatch(/copy of the file key/);
    expect(inspect(wrapper)).toBe("[SystemdCredsKey systemd-creds host+tpm2 backup]");
    expect(() => onPage(stage.secrets, good)).toThrow(/Cannot use systemd-creds/);
  });
});

describe("the form of a credential", () => {
  const credential = (kind: string, length: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(length);
    bytes.set(Buffer.from(kind, "hex"));
    return bytes;
  };

  it.each([
    ["host", "5a1c6a86df9d4096b1d5a65e0862f19a", 112],
    ["tpm2", "0c7cc07b117645919c4b0bea08bc20fe", 400],
    ["tpm2", "faf7eb9341e3412ca1a436f95a29362f", 400],
    ["host+tpm2", "93a894094874449090caf2fc93cab553", 400],
    ["host+tpm2", "af4950a849134eb1a73846304ff30c05", 400],
  ] as const)("is that of its key alone: %s, %s", (key, kind, length) => {
    for (const other of ["host", "tpm2", "host+tpm2"] as const) {
      const bytes = credential(kind, other === "host" ? 112 : 400);
      expect(isCredential(bytes, other, "backup")).toBe(other === key);
    }
    expect(isCredential(credential(kind, length), key, "backup")).toBe(true);
    expect(isCredential(credential(kind, key === "host" ? 111 : 112), key, "backup")).toBe(false);
    expect(isCredential(credential(kind, key === "host" ? 113 : 20_000), key, "backup")).toBe(
      false,
    );
    for (let at = 0; at < 16; at++) {
      const bytes = credential(kind, length);
      bytes[at] = (bytes[at] as number) ^ 1;
      expect(isCredential(bytes, key, "backup")).toBe(false);
    }
  });

  it("has the length that the name gives it", () => {
    const kind = "5a1c6a86df9d4096b1d5a65e0862f19a";
    for (const [name, length] of [
      ["abc", 104],
      ["abcd", 104],
      ["abcde", 112],
      ["a".repeat(128), 232],
    ] as const) {
      expect(isCredential(credential(kind, length), "host", name)).toBe(true);
    }
  });
});
