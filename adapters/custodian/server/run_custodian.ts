import process from "node:process";
import { LetheError, type Runtime, type Secrets, secretsOpener } from "../../../core/mod.ts";
import type { Hardening, HardenProcess } from "../../hardening/mod.ts";
import { beforeDefaultAction } from "../../shutdown/mod.ts";
import type { PromptSecret } from "../../terminal/mod.ts";
import type { Channel } from "../channel/channel.ts";
import { withLaunch } from "../launch.ts";
import type { Fields } from "../protocol/fields.ts";
import type { Page } from "../protocol/page.ts";
import { engineOf, type Tools } from "../protocol/tools.ts";
import type { AtRest, CustodianReport } from "../report.ts";
import { SecureHeapKey, secureHeapState } from "../vault/secure_heap.ts";
import { secureHeapPages } from "../vault/secure_heap_pages.ts";
import { Vault } from "../vault/vault.ts";
import { VaultKey } from "../vault/vault_key.ts";
import { Server } from "./server.ts";

/** What a runtime gives to the program of a custodian. */
export interface CustodianHost {
  readonly runtime: Runtime;
  /** Name and version. */
  readonly title: string;
  readonly promptSecret: PromptSecret;
  channel(): Channel | Promise<Channel>;
  readonly hardenProcess: HardenProcess;
}

/** Exit status after an error that nobody expected; EX_SOFTWARE of sysexits(3). */
const FAILED = 70;
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * The program of a custodian: serves the application that started it on the inherited channel, until
 * that closes it or ends. On the way out everything is wiped first.
 */
export async function runCustodian(host: CustodianHost): Promise<void> {
  let server: Server | undefined;
  const fail = (): never => {
    try {
      server?.wipe();
    } finally {
      process.exit(FAILED);
    }
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  for (const signal of ENDING_SIGNALS) beforeDefaultAction(signal, () => server?.wipe());
  try {
    // Memory first: once the process is not dumpable, it cannot attest that memory is hidden.
    const tools = { engine: engineOf(host.runtime), secrets: secretsOpener(host.runtime)() };
    const pages = secureHeapPages(secureHeapState().total);
    // The closed channel ends it, and it wipes; SIGKILL would leave no time for that. SIGCONT wakes it.
    const ends = { diesWithParent: parentOf(process.argv), parentSignal: "SIGCONT" } as const;
    const hardening = withLaunch(host.hardenProcess(ends));
    server = new Server(tools, await host.channel(), {
      prompt: host.promptSecret,
      open: (fields, page) => openVault(fields, page, tools, host, { hardening, pages }),
      status,
      over: () => process.exit(0),
    });
  } catch (error) {
    // There is no secret yet that a message could quote.
    process.stderr.write(
      `lethe custodian: ${error instanceof Error ? error.message : "it failed"}\n`,
    );
    fail();
  }
}

/** Its own parent's id, as that said it: it may have another by now. */
function parentOf(parameters: readonly string[]): number {
  return Number(parameters.findLast((parameter) => /^\d+$/.test(parameter)));
}

function openVault(
  fields: Fields,
  page: Page,
  tools: Tools,
  { title }: CustodianHost,
  { hardening, pages }: { readonly hardening: Hardening; readonly pages: string },
): { readonly vault: Vault; readonly report: string } {
  const { key, atRest } = makeKey(tools, fields.secureHeap === "require", pages);
  const vault = new Vault(tools, key, fields.relockMilliseconds ?? 0, page);
  const { memory, guarantees, passedOver }: Secrets = tools.secrets;
  const report: CustodianReport = {
    pid: process.pid,
    runtime: title,
    memory,
    guarantees,
    passedOver,
    engine: tools.engine.name,
    atRest,
    hardening,
  };
  return { vault, report: JSON.stringify(report) };
}

/** @throws {LetheError} `ERR_LETHE_SECURE_HEAP` when a secure heap is required and not had */
function makeKey(
  tools: Tools,
  required: boolean,
  pages: string,
): { readonly key: VaultKey; readonly atRest: AtRest } {
  try {
    const heapKey = SecureHeapKey.generate();
    const { total, used } = secureHeapState();
    const evidence = `crypto.secureHeapUsed() grew by ${heapKey.growth} bytes when the key was made; its arena is ${pages}`;
    return {
      key: new VaultKey(tools, heapKey),
      atRest: { key: "secure heap and guarded memory", total, used, evidence },
    };
  } catch (error) {
    if (required || !(error instanceof LetheError)) throw error;
    const { total, used } = secureHeapState();
    return {
      key: new VaultKey(tools, null),
      atRest: { key: "guarded memory", total, used, evidence: error.message },
    };
  }
}

/** The most secrets that a status names; `count` has them all. */
const NAMED = 100;

function status(vault: Vault): string {
  const secrets = vault.status();
  const { total, used } = secureHeapState();
  return JSON.stringify({
    count: secrets.length,
    secrets: secrets.slice(0, NAMED),
    unlocked: vault.unlocked,
    secureHeap: { total, used },
  });
}
