/** What is refused before a process is started, and a process that does not start. */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { openPkcs11 } from "../../adapters/node/pkcs11.ts";
import { openPkcs11 as onPage } from "../../adapters/web/doors/pkcs11.ts";

const secrets = openSecrets({ memory: "heap" });
afterEach(() => expect(secrets.stats.live).toBe(0));
const uri = "pkcs11:token=a;object=b?module-path=/there/is/none.so";

/** Processes that were started for this one as a custodian is. */
function ownProcesses(): readonly string[] {
  const mark = `LETHE_CUSTODIAN_OF=${process.pid}.`;
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "utf8").includes(mark);
    } catch {
      return false; // it has ended
    }
  });
}

describe("a module in another process", { timeout: 60_000 }, () => {
  it.each([
    ["a URI without a module", { uri: "pkcs11:token=a" }, /module-path/],
    ["a URI with a PIN", { uri: `${uri}&pin-value=1234` }, /pin-value/],
    ["another hash", { hash: "md5" }, /hash must be/],
    ["no time", { timeout: 0 }, /timeout/],
    ["an unknown option", { module: "a" }, /module/],
    ["variables in a list", { environment: [] }, /object of strings/],
    ["a variable that is no text", { environment: { SOFTHSM2_CONF: 5 } }, /object of strings/],
    ["a variable with a NUL", { environment: { SOFTHSM2_CONF: "a\0b" } }, /object of strings/],
    ["a name that is none", { environment: { "A B": "c" } }, /object of strings/],
    ...[
      ...["NODE_OPTIONS", "LD_PRELOAD", "BUN_OPTIONS", "DENO_DIR", "HOME", "OPENSSL_CONF"],
      ...["LETHE_CUSTODIAN_OF", "DYLD_INSERT_LIBRARIES", "XDG_CONFIG_HOME", "GLIBC_TUNABLES"],
    ].map((name) => [name, { environment: { [name]: "1" } }, RegExp(`not name ${name}`)] as const),
  ] as const)("refuses %s", async (_name, more, said) => {
    const pin = new Uint8Array(Buffer.from("1234"));
    const opening = openPkcs11(secrets, { uri, pin, ...more } as never);
    await expect(opening).rejects.toThrow(said);
    expect(Buffer.from(pin).toString()).toBe("1234"); // untouched on an error
  });

  it("says why the process does not start, as the error of a key", async () => {
    for (const [more, said] of [
      [{ runtime: "/there/is/none" }, /no process for its module: .*\/there\/is\/none/],
      [{ program: "/there/is/none.js" }, /no process for its module: .*\/there\/is\/none/],
    ] as const) {
      await expect(openPkcs11(secrets, { uri, ...more })).rejects.toMatchObject({
        code: "ERR_LETHE_WRAPPER",
        message: expect.stringMatching(said),
      });
    }
    await expect(onPage(secrets, { uri })).rejects.toMatchObject({ code: "ERR_LETHE_UNAVAILABLE" });
  });

  it.runIf(process.platform === "linux")("says what is wrong with the module there", async () => {
    await expect(openPkcs11(secrets, { uri })).rejects.toMatchObject({
      name: "LetheError",
      code: "ERR_LETHE_WRAPPER",
      returnValue: null,
      message: expect.stringMatching(/there is no such module; correct module-path$/),
    });
    await expect.poll(ownProcesses, { timeout: 20_000 }).toEqual([]);
  });
});
