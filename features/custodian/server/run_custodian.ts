import { type Runtime, type Secrets, secretsOpener } from "../../../core/mod.ts";
import { process } from "../../../system/node_builtins.ts";
import { ENDING_SIGNALS } from "../../../system/signals.ts";
import type { HardeningStep, HardenProcess } from "../../process/hardening/mod.ts";
import { beforeDefaultAction } from "../../process/shutdown/mod.ts";
import type { PromptSecret } from "../../prompt/types.ts";
import type { Channel } from "../channel/channel.ts";
import { type ChannelContext, channelContextFor } from "../protocol/channel_context.ts";
import type { Fields } from "../protocol/fields.ts";
import type { SharedRegion } from "../protocol/shared_region.ts";
import { type OwnEnd, STATUSES } from "../protocol/statuses.ts";
import type { AtRest, CustodianHardening, CustodianReport } from "../report.ts";
import { markedParent } from "../start/mark.ts";
import { SecureHeapKey, secureHeapState, withoutKey } from "../vault/secure_heap.ts";
import { secureHeapPages } from "../vault/secure_heap_pages.ts";
import { CustodianVault } from "../vault/vault.ts";
import { VaultKey } from "../vault/vault_key.ts";
import type { OpenGuest } from "./guest.ts";
import { Server } from "./server.ts";

/** What a runtime gives to the program of a custodian. */
export interface CustodianHost {
  readonly runtime: Runtime;
  /** Name and version. */
  readonly title: string;
  readonly promptSecret: PromptSecret;
  channel(): Channel | Promise<Channel>;
  readonly hardenProcess: HardenProcess;
  /** What the runtime itself keeps this process from, as it says. */
  permissions(): HardeningStep;
  /** What it can have in the place of a vault. */
  readonly openGuest: OpenGuest;
}

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
      process.exit(STATUSES.failed);
    }
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  for (const signal of ENDING_SIGNALS) beforeDefaultAction(signal, () => server?.wipe());
  try {
    const pages = secureHeapPages(secureHeapState().total);
    // Memory before hardening: a process that is not dumpable cannot attest that memory is hidden.
    const context = channelContextFor(secretsOpener(host.runtime)(), host.runtime);
    // The closed channel ends it, and it wipes; SIGKILL would leave no time for that. SIGCONT wakes it.
    const ends = { diesWithParent: markedParent(process.argv), parentSignal: "SIGCONT" } as const;
    const hardening = { ...host.hardenProcess(ends), permissions: host.permissions() };
    server = new Server(context, await host.channel(), {
      prompt: host.promptSecret,
      open: (fields, page) => openVault(fields, page, context, host, { hardening, pages }),
      openGuest: async () => {
        // A library that hangs would keep the process: then there is nobody who could wipe.
        const ends = {
          diesWithParent: markedParent(process.argv),
          parentSignal: "SIGKILL",
        } as const;
        const hardening = { ...host.hardenProcess(ends), permissions: host.permissions() };
        const guest = await host.openGuest(context);
        return { guest, report: JSON.stringify({ pid: process.pid, hardening }) };
      },
      over: (end: OwnEnd) => process.exit(STATUSES[end]),
    });
  } catch (error) {
    // There is no secret yet that a message could quote. The application quotes one line.
    const message = error instanceof Error ? error.message : "it failed";
    process.stderr.write(`lethe custodian: ${message.replaceAll(/\s*\n\s*/g, " ")}\n`);
    fail();
  }
}

function openVault(
  fields: Fields,
  page: SharedRegion,
  context: ChannelContext,
  { title }: CustodianHost,
  { hardening, pages }: { readonly hardening: CustodianHardening; readonly pages: string },
): { readonly vault: CustodianVault; readonly report: string } {
  const { key, atRest } = makeKey(context, fields.secureHeap === "require", pages);
  const vault = new CustodianVault(context, key, fields.relockMilliseconds ?? 0, page);
  const { memory, guarantees, passedOver }: Secrets = context.secrets;
  const report: CustodianReport = {
    pid: process.pid,
    runtime: title,
    memory,
    guarantees,
    passedOver,
    engine: context.engine.name,
    atRest,
    hardening,
  };
  return { vault, report: JSON.stringify(report) };
}

/** @throws {LetheError} `ERR_LETHE_SECURE_HEAP` when a secure heap is required and not had */
function makeKey(
  context: ChannelContext,
  required: boolean,
  pages: string,
): { readonly key: VaultKey; readonly atRest: AtRest } {
  const heapKey = SecureHeapKey.generate();
  const { total, used } = secureHeapState();
  if (heapKey instanceof SecureHeapKey) {
    const evidence = `crypto.secureHeapUsed() grew by ${heapKey.growth} bytes when the key was made; its arena is ${pages}`;
    return {
      key: new VaultKey(context, heapKey),
      atRest: { key: "secure heap and guarded memory", total, used, evidence },
    };
  }
  if (required) throw withoutKey(heapKey);
  const evidence = `no key in the secure heap: ${heapKey.reason}`;
  return {
    key: new VaultKey(context, null),
    atRest: { key: "guarded memory", total, used, evidence },
  };
}
