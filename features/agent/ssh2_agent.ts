import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { readRecord } from "../../core/arguments/options.ts";
import { equalBytes, LetheError } from "../../core/mod.ts";
import { buffer, TextEncoder } from "../../system/node_builtins.ts";
import type { Custodian } from "../custodian/types.ts";
import { parsePublicKey } from "../keys/mod.ts";
import { copyOf, sshPublicBlob } from "../keys/ssh.ts";
import type { AgentKey } from "./agent.ts";
import { type CheckedAgentKey, checkAgentKey, checkCustodian } from "./agent_key.ts";
import { signatureContent } from "./signature.ts";

/** A key of a custodian, for {@link CreateSsh2Agent}. */
export interface Ssh2Key extends AgentKey {
  /** Its name in the custodian. */
  readonly name: string;
}

/**
 * Makes an agent for the package `ssh2`, which logs in with keys of a custodian: without a socket, and without a key or
 * a string of one in this process. It is an instance of the `BaseAgent` that is given, because `ssh2` takes nothing else.
 *
 * - SSHCLIENT-1: it signs only by the keys that it was given, and by RSA only with SHA-256 or SHA-512
 * - SSHCLIENT-2: each signature counts in the custodian's policy for the key (`uses`, `expires`); a refusal is an error of
 *   the connection, which then tries the next key
 *
 * It forwards nothing: with `agentForward: true` the channels that the server opens are refused. For that give `agent.path` of
 * {@link OpenAgent}, where `allow` sees the hosts.
 *
 * @param BaseAgent of the `ssh2` that is to use it
 * @param keys in the order in which they are offered
 * @throws {TypeError | RangeError} for a wrong class, custodian or public key
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID` for a public key that is none
 */
export type CreateSsh2Agent = <A extends object>(
  BaseAgent: abstract new () => A,
  custodian: Custodian,
  keys: readonly Ssh2Key[],
) => A;

const VERB = "create agent for ssh2";

/**
 * Makes an agent for the package `ssh2` over a custodian. See docs/agent.md.
 *
 * @throws {TypeError | RangeError} for a wrong class, custodian or public key
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID` for a public key that is none
 *
 * @example
 * ```ts
 * import { createSsh2Agent } from "lethe/agent";
 * import { openCustodian } from "lethe/custodian";
 * import ssh2 from "ssh2";
 *
 * const custodian = await openCustodian();
 * const publicKey = await custodian.generate("deploy", "ed25519");
 * const agent = createSsh2Agent(ssh2.BaseAgent, custodian, [
 *   { name: "deploy", type: "ed25519", publicKey },
 * ]);
 * console.log(agent instanceof ssh2.BaseAgent); // true: client.connect({ host, username, agent })
 * await custodian.close();
 * ```
 */
export const createSsh2Agent: CreateSsh2Agent = <A extends object>(
  BaseAgent: abstract new () => A,
  custodian: Custodian,
  keys: readonly Ssh2Key[],
): A => {
  checkBase(BaseAgent);
  checkCustodian(VERB, custodian);
  if (!Array.isArray(keys)) {
    throw wrongKind(`Cannot ${VERB} as keys must be an array`, keys);
  }
  const offered = keys.map((key: Ssh2Key) => {
    const { name = "" } = readRecord(key, VERB, "key", ["name"]);
    return { name, ...checkAgentKey(VERB, name, key) };
  });
  return extend(BaseAgent, custodian, offered);
};

/** As `ssh2` calls it. */
type Answer<T> = (error: Error | null, answer?: T) => void;

interface NamedKey extends CheckedAgentKey {
  readonly name: string;
}

function extend<A extends object>(
  BaseAgent: abstract new () => A,
  custodian: Custodian,
  keys: readonly NamedKey[],
): A {
  class CustodianAgent extends (BaseAgent as unknown as new () => object) {
    getIdentities(answer: Answer<readonly Uint8Array[]>): void {
      queueMicrotask(() =>
        answer(
          null,
          keys.map(({ blob }) => buffer.Buffer.from(blob)),
        ),
      );
    }

    sign(publicKey: unknown, data: Uint8Array, ...rest: readonly unknown[]): void {
      const answer = rest.find((each) => typeof each === "function") as Answer<Uint8Array>;
      const [options] = rest;
      signFor(custodian, keys, publicKey, data, options === answer ? undefined : options).then(
        // What throws in there is the caller's error, and no failed signature.
        (signature) => queueMicrotask(() => answer(null, signature)),
        (error) => queueMicrotask(() => answer(error)),
      );
    }
  }
  return new CustodianAgent() as unknown as A;
}

async function signFor(
  custodian: Custodian,
  keys: readonly NamedKey[],
  publicKey: unknown,
  data: Uint8Array,
  options: unknown,
): Promise<Uint8Array> {
  const blob = blobOf(publicKey);
  const key = keys.find((each) => equalBytes(each.blob, blob));
  if (key === undefined) {
    throw new LetheError(
      "ERR_LETHE_NAME",
      "Cannot sign for ssh2: the agent was not given this key; add it to the keys of createSsh2Agent()",
    );
  }
  const signature = await custodian.sign(key.name, data, hashOf(key, options));
  const content = signatureContent(key.type, signature as Uint8Array<ArrayBuffer>);
  return buffer.Buffer.from(content.buffer, content.byteOffset, content.length);
}

function hashOf({ type }: NamedKey, options: unknown): { hash: "sha256" | "sha512" } | undefined {
  if (type !== "rsa") return undefined;
  const { hash } = readRecord((options ?? {}) as { hash?: unknown }, "sign for ssh2", "options", [
    "hash",
  ]);
  if (hash === "sha256" || hash === "sha512") return { hash };
  throw new LetheError(
    "ERR_LETHE_UNSUPPORTED",
    "Cannot sign for ssh2: SHA-1 was asked for, which is broken; the server has to offer rsa-sha2-256 or rsa-sha2-512, or use a key of Ed25519",
  );
}

/** What `ssh2` may give: a key that it has parsed, or one as text or on the wire. */
function blobOf(publicKey: unknown): Uint8Array {
  const parsed = publicKey as { getPublicSSH?: () => unknown } | null | undefined;
  const bytes = typeof parsed?.getPublicSSH === "function" ? parsed.getPublicSSH() : publicKey;
  const given = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  if (!(given instanceof Uint8Array)) {
    throw wrongType(`Cannot sign for ssh2 as there is no public key: it is ${kindOf(publicKey)}`);
  }
  if (given[0] === 0) return given;
  const { type, publicKey: point } = parsePublicKey(given);
  return sshPublicBlob(type, copyOf(point)) ?? given;
}

function checkBase(BaseAgent: unknown): void {
  const { prototype } = (typeof BaseAgent === "function" ? BaseAgent : {}) as {
    prototype?: { getIdentities?: unknown; sign?: unknown };
  };
  if (typeof prototype?.getIdentities === "function" && typeof prototype.sign === "function") {
    return;
  }
  throw wrongKind(
    `Cannot ${VERB} as BaseAgent must be the class of that name of the package ssh2`,
    BaseAgent,
  );
}
