import { expect } from "vitest";

/**
 * The program that each environment runs. It uses what Lethe has, and prints what came of each use. What is
 * missing in an entry would be a syntax error of its first line.
 */
export const PROBE = `import { openSecrets } from "lethe";
import { openCrypto } from "lethe/crypto";
import { openCustodian } from "lethe/custodian";
import { openEnclaves } from "lethe/enclave";
import { openKeyFiles } from "lethe/key-files";
import { runtime } from "lethe/memory";
import { hardenProcess, wipeOnExit } from "lethe/process";
import { promptSecret } from "lethe/prompt";

export async function probe(custodian = {}) {
  const told = {};
  const note = async (name, use) => {
    try { await use(); told[name] = "done"; }
    catch (error) { told[name] = [error.name, error.code, error.message].join(" "); }
  };
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  const os = globalThis.process?.getBuiltinModule?.("node:os");
  const folder = fs?.mkdtempSync(os.tmpdir() + "/lethe-probe-") ?? "";
  let secrets;
  for (let round = 0; round < 2; round += 1) {
    try { secrets = openSecrets(); } catch (error) { told["openSecrets"] = String(error); break; }
  }
  await note("secret", () => {
    const key = secrets.move(new Uint8Array([1, 2, 3]));
    const sum = key.expose((bytes) => bytes.reduce((total, byte) => total + byte));
    key.destroy();
    if (sum !== 6 || key.state !== "destroyed") throw new Error("the secret is " + sum);
  });
  await note("crypto", () => {
    const crypto = openCrypto(secrets);
    const key = secrets.random(32);
    const opened = crypto.decrypt(key, crypto.encrypt(key, new Uint8Array([1, 2, 3])));
    if (opened.byteLength !== 3) throw new Error("it has " + opened.byteLength);
  });
  await note("seal", () => openEnclaves(secrets).seal(secrets.random(32)).unseal().destroy());
  await note("keyFiles", () => {
    const keys = openKeyFiles(secrets);
    keys.create(folder + "/key", 32);
    keys.read(folder + "/key", 32).destroy();
  });
  await note("prompt", async () => {
    fs?.writeFileSync(folder + "/line", "typed\\n");
    const descriptor = fs?.openSync(folder + "/line");
    const typed = await promptSecret(secrets, "Password: ", { descriptor });
    if (typed.byteLength !== 5) throw new Error("it has " + typed.byteLength);
  });
  await note("wipeOnExit", () => wipeOnExit(secrets)());
  await note("harden", () => hardenProcess());
  await note("custodian", async () => {
    const holder = await openCustodian({ startMilliseconds: 60000, ...custodian });
    await holder.generate("key", "key", { mayLeave: true });
    await holder.expose("key", (bytes) => bytes.length);
    await holder.close();
  });
  fs?.rmSync(folder, { recursive: true });
  return { runtime: runtime.name, memory: secrets?.memory, passedOver: secrets?.passedOver, told };
}
`;

/** The lines that run it, and print the report. */
export const RUN = `
probe(JSON.parse(globalThis.process?.env?.LETHE_CUSTODIAN || "{}")).then((report) => console.log("LETHE " + JSON.stringify(report)));
`;

export interface Report {
  readonly runtime: string;
  readonly memory: string;
  readonly passedOver: readonly { readonly memory: string; readonly reason: string }[];
  readonly told: Readonly<Record<string, string>>;
}

/** The last report in what a program printed. */
export function reportIn(said: string): Report {
  const line = said.split("\n").findLast((each) => each.includes("LETHE {"));
  if (line === undefined) throw new Error(`It reported nothing:\n${said.slice(-4000)}`);
  return JSON.parse(line.slice(line.indexOf("LETHE {") + 6)) as Report;
}

const STRENGTH: readonly string[] = ["secretmem", "pages", "sodium", "heap"];

/** What an environment is expected to give. */
export interface Expected {
  readonly runtime: string;
  readonly memory: string;
  /** In the reason of each memory that was passed over. */
  readonly because?: RegExp;
  /** Uses that are refused there, each with what its error says. All others are done. */
  readonly refused?: Readonly<Record<string, RegExp>>;
}

/** The strongest memory, and every use done. */
export function everything(runtime: string): Expected {
  return { runtime, memory: "secretmem" };
}

/** The doors of features of servers, which a tool for pages takes with `lethe`. */
const DOORS: Readonly<Record<string, string>> = {
  keyFiles: "key-files",
  prompt: "prompt",
  wipeOnExit: "process",
  harden: "process",
  custodian: "custodian",
};

/** What a page has, on a server, and why: the entry was taken by a condition. */
export function outOfPlace(condition: string, server: string): Expected {
  const said = (taken: string): RegExp =>
    new RegExp(
      `"lethe${taken} is Lethe for web, and this is ${server} [\\d.]+: import "lethe/${server}", or resolve "lethe" by the condition "${server}"`,
    );
  const because = said(`" by the condition "${condition}"`);
  const doors = Object.entries(DOORS).map(([use, door]) => [
    use,
    said(`/${door}" by a condition for the web`),
  ]);
  return {
    runtime: "web",
    memory: "heap",
    because,
    refused: { crypto: because, seal: because, ...Object.fromEntries(doors) },
  };
}

/**
 * Holds a report to what is expected: the memory; each stronger one with its reason; every use done, or
 * refused by an error of Lethe's.
 */
export function expectReport(
  report: Report,
  { runtime, memory, because, refused = {} }: Expected,
): void {
  expect([report.runtime, report.memory], JSON.stringify(report)).toEqual([runtime, memory]);
  expect(report.passedOver.map((passed) => passed.memory)).toEqual(
    STRENGTH.slice(0, STRENGTH.indexOf(memory)),
  );
  for (const { reason } of report.passedOver) expect(reason).toMatch(because ?? /^Cannot /);
  for (const [use, outcome] of Object.entries(report.told)) {
    const refusal = refused[use];
    if (refusal === undefined) {
      expect(`${use}: ${outcome}`).toBe(`${use}: done`);
    } else {
      expect(`${use}: ${outcome}`).toMatch(/: LetheError ERR_LETHE_\w+ Cannot /);
      expect(`${use}: ${outcome}`).toMatch(refusal);
    }
  }
}
