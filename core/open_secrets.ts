import { wrongKind, wrongType } from "./arguments/argument_error.ts";
import { readOptions } from "./arguments/options.ts";
import { bare, optional } from "./arguments/own.ts";
import { LetheError } from "./contract/errors.ts";
import type { GuaranteeName } from "./contract/guarantees.ts";
import type { SecretMemory } from "./contract/memory.ts";
import type { MemoryProvider, PassedOver, Runtime } from "./contract/runtime.ts";
import type { Secrets } from "./contract/secrets.ts";
import { chooseEngine, type EngineOption } from "./engine_choice.ts";
import { canTransfer } from "./globals.ts";
import { MemorySecrets, type SecretsPolicy } from "./memory_secrets.ts";
import { type MisusePolicy, Registry } from "./registry.ts";
import { checkRequire } from "./require.ts";

/** How to open {@link Secrets}. */
export interface SecretsOptions extends EngineOption {
  /**
   * `"auto"` (the default) takes the strongest memory that opens here, has all that `require` names and can
   * be taken unasked; what was stronger is in {@link Secrets.passedOver}, with the reason. A name takes that
   * one or fails. An object is a memory of your own.
   */
  readonly memory?: SecretMemory | "auto" | (string & {});
  /** Guarantees without which no secret is made. A gap is an error with its remedy. */
  readonly require?: readonly GuaranteeName[];
  /**
   * What follows a misuse: use after destroy, modify after freeze, a damaged canary, a wipe that did not
   * take, an enclave whose sealed bytes were tampered with, a key file of another length.
   *
   * `"throw"` (the default) raises a {@link LetheError}. `"crash"` destroys every live secret that
   * this copy of Lethe has in this thread, writes one line with the code to standard error and aborts the process; where a
   * runtime has no abort (browsers, workers), it destroys them and throws.
   */
  readonly onMisuse?: MisusePolicy;
  /**
   * Records where each secret is created (some microseconds each), so that a secret dropped without
   * `destroy()` is reported with that place. Meant for development. Default: false, count only.
   */
  readonly trackLeaks?: boolean;
}

/**
 * Opens secrets on this runtime. Synchronous; installs no handler and prints nothing. Node.js prints a warning where
 * `node:ffi` is asked for, or is all that there is before heap memory: on 26.1 and newer, without `koffi` and `sodium-native`.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` for a memory that is not available here; `ERR_LETHE_REQUIRE`
 * and `ERR_LETHE_LOCK` when no memory has what `require` names; the message names the remedy
 * @throws {TypeError} for an option that is not one of {@link SecretsOptions}
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 *
 * const secrets = openSecrets({ require: ["wiped-on-destroy"] });
 * console.log(secrets.memory); // "secretmem", "pages", "sodium" or "heap"
 * ```
 */
export type OpenSecrets = (options?: SecretsOptions) => Secrets;

/**
 * The `openSecrets` of a runtime.
 *
 * @returns a function that throws what {@link OpenSecrets} throws; this one never does
 *
 * @example
 * ```ts
 * import { HeapMemory, secretsOpener } from "lethe/memory";
 *
 * const memories = [{ name: "heap", open: () => new HeapMemory() }];
 * const openSecrets = secretsOpener({ name: "mine", memories });
 * console.log(openSecrets().memory); // "heap"
 * ```
 */
export function secretsOpener(runtime: Runtime): OpenSecrets {
  return function openSecrets(options?: SecretsOptions): Secrets {
    const own = readOptions(options, "open secrets", KEYS);
    checkTransfer(runtime.name);
    const { memory = "auto", onMisuse = "throw", trackLeaks = false } = own;
    const { engine = "auto", require = [] } = own;
    const engineChoice = chooseEngine(runtime, engine, "open secrets");
    const required = checkRequire(require);
    if (onMisuse !== "throw" && onMisuse !== "crash") {
      throw wrongType('Cannot open secrets as onMisuse must be "throw" or "crash"');
    }
    const open = (candidate: SecretMemory, passedOver: readonly PassedOver[] = []): Secrets => {
      const registry = new Registry(onMisuse, optional(runtime, "abort"));
      return new MemorySecrets(candidate, {
        require: required,
        registry,
        passedOver,
        trackLeaks,
        engineChoice,
        repeat: optional(runtime, "repeat"),
      } satisfies SecretsPolicy);
    };
    if (memory === "auto") return openStrongest(runtime, open);
    if (typeof memory === "string") return open(openNamed(runtime, memory));
    if (typeof memory?.allocate === "function") return open(memory);
    throw wrongKind(`Cannot open secrets as memory must be a name or a SecretMemory`, memory);
  };
}

const KEYS = ["memory", "require", "onMisuse", "trackLeaks", "engine"] as const;

/**
 * Nothing stands in for `ArrayBuffer.prototype.transfer`: `structuredClone` with a transfer list does not
 * say whether it moved the bytes or copied them, and a copy would be residue.
 */
function checkTransfer(runtime: string): void {
  if (canTransfer) return;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open secrets on ${runtime}: it has no ArrayBuffer.prototype.transfer, without which a view is detached only by a copy; use ${NEWER[runtime] ?? "a newer version of it"}`,
  );
}

/** The first versions that have `transfer`. */
const NEWER: Readonly<Record<string, string>> = bare({
  node: "Node.js 22 or newer",
  web: "Chrome 114, Firefox 122, Safari 17.4 or newer",
});

function openNamed({ name, memories }: Runtime, wanted: string): SecretMemory {
  const provider = memories.find((candidate) => candidate.name === wanted);
  if (provider !== undefined) return provider.open("by-name");
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open memory ${JSON.stringify(wanted)}: ${name} has ${memories.map((known) => known.name).join(", ")}`,
  );
}

/** Tries each memory in turn. The stronger ones that were not taken are told with their reasons. */
function openStrongest(
  { name, memories }: Runtime,
  open: (memory: SecretMemory, passedOver: readonly PassedOver[]) => Secrets,
): Secrets {
  const reasons: string[] = memories.map(
    (provider) => optional(provider, "declines")?.call(provider) ?? "",
  );
  const passed = (end: number): readonly PassedOver[] =>
    memories
      .slice(0, end)
      .map((provider, index) =>
        Object.freeze({ memory: provider.name, reason: reasons[index] ?? "" }),
      );
  // 0 for a willing memory, 1 for one that declines, 2 for the last resort.
  const turn = (index: number): number =>
    index === memories.length - 1 ? 2 : Number(reasons[index] !== "");
  let refusal: LetheError | null = null;
  for (const index of [...memories.keys()].sort((a, b) => turn(a) - turn(b))) {
    try {
      return open((memories[index] as MemoryProvider).open(), Object.freeze(passed(index)));
    } catch (error) {
      if (!(error instanceof LetheError)) throw error;
      // That a memory lacks what is required says more than that another cannot be had.
      if (refusal === null || refusal.code === "ERR_LETHE_UNAVAILABLE") refusal = error;
      reasons[index] = error.message;
    }
  }
  const lines = passed(memories.length).map(({ memory, reason }) => `\n  ${memory}: ${reason}`);
  throw new LetheError(
    refusal?.code ?? "ERR_LETHE_UNAVAILABLE",
    `Cannot open secrets on ${name}: no memory has all that is required${lines.join("")}`,
  );
}
