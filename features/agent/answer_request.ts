import { checkLive } from "../../core/check_live.ts";
import { LetheError } from "../../core/mod.ts";
import { wallClock } from "../../system/timers.ts";
import { addKey } from "./add_key.ts";
import type { AgentKeyUse, AgentUse } from "./agent.ts";
import type { AgentContext, CallerState } from "./agent_context.ts";
import { bind } from "./bind.ts";
import { plainBlob } from "./certificate.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { OfferedKey } from "./offered_keys.ts";
import type { Frame } from "./protocol/agent_frame_reader.ts";
import { AgentRefusal, type RefusalReason } from "./protocol/agent_refusal.ts";
import {
  extensionFailure,
  extensions,
  failure,
  identities,
  signed,
  success,
} from "./protocol/answers.ts";
import { REQUEST } from "./protocol/numbers.ts";
import { type PublicRequest, parsePassphrase, parseRequest } from "./protocol/requests.ts";
import { isSignedBy, signatureBlob } from "./signature.ts";
import { text } from "./text.ts";

/** What is noted of a request while it is carried out. */
interface Noted {
  action: AgentUse["action"];
  fingerprint: string | null;
}

/** Carries a request out and gives the answer to write: it never rejects. */
export async function answerRequest(
  context: AgentContext,
  state: CallerState,
  frame: Frame,
): Promise<Uint8Array> {
  const noted: Noted = { action: ACTIONS[frame.type] ?? "other", fingerprint: null };
  let outcome: AgentUse["outcome"] = "done";
  let answer: Uint8Array = noted.action === "bind" ? extensionFailure() : failure();
  try {
    answer = await carryOut(context, state, frame, noted);
  } catch (error) {
    outcome = reasonOf(error);
    if (noted.action === "bind") answer = extensionFailure();
  } finally {
    if (frame.kind === "secret") frame.body?.destroy();
  }
  try {
    const { action, fingerprint } = noted;
    context.onUse?.({ time: wallClock(), action, outcome, fingerprint, caller: state.caller });
    return answer;
  } catch {
    return failure(); // what cannot be noted is not told either
  }
}

const ACTIONS: Readonly<Record<number, AgentUse["action"]>> = {
  [REQUEST.list]: "list",
  [REQUEST.sign]: "sign",
  [REQUEST.add]: "add",
  [REQUEST.addConstrained]: "add",
  [REQUEST.remove]: "remove",
  [REQUEST.removeAll]: "remove all",
  [REQUEST.lock]: "lock",
  [REQUEST.unlock]: "unlock",
};

async function carryOut(
  context: AgentContext,
  state: CallerState,
  frame: Frame,
  noted: Noted,
): Promise<Uint8Array> {
  if (frame.kind === "unknown") throw new AgentRefusal("unsupported");
  if (frame.kind === "public") {
    return await carryOutPublic(context, state, parseRequest(frame.type, frame.body), noted);
  }
  return await carryOutSecret(context, state, frame, noted);
}

async function carryOutSecret(
  context: AgentContext,
  state: CallerState,
  { type, body }: Extract<Frame, { kind: "secret" }>,
  noted: Noted,
): Promise<Uint8Array> {
  if (body === null) throw new AgentRefusal("malformed");
  checkLive(body, "answer request"); // it may have waited behind another one
  const { lock, secrets } = context;
  if (type === REQUEST.add || type === REQUEST.addConstrained) {
    if (lock.isLocked) throw new AgentRefusal("locked");
    noted.fingerprint = await addKey(context, body, type === REQUEST.addConstrained);
    return success();
  }
  const byteLength = body.expose(
    (bytes) => parsePassphrase(bytes as Uint8Array<ArrayBuffer>).length,
  );
  // Nothing is shorter than one byte in secret memory, and no passphrase is none.
  if (byteLength === 0) throw new AgentRefusal("wrong passphrase");
  const passphrase = secrets.allocate(byteLength);
  try {
    body.expose((bytes) =>
      passphrase.modify((target) => target.set(parsePassphrase(bytes as Uint8Array<ArrayBuffer>))),
    );
    await (type === REQUEST.lock ? lock.lock(passphrase) : lock.unlock(passphrase, state.left));
  } finally {
    passphrase.destroy();
  }
  return success();
}

async function carryOutPublic(
  context: AgentContext,
  state: CallerState,
  request: PublicRequest,
  noted: Noted,
): Promise<Uint8Array> {
  const { offered, lock } = context;
  switch (request.kind) {
    case "list":
      return identities(lock.isLocked ? [] : offered.all());
    case "query":
      noted.action = "query";
      return extensions();
    case "extension":
      throw new AgentRefusal("unsupported");
    case "bind":
      noted.action = "bind";
      bind(state, request);
      return success();
    case "sign":
      return await sign(context, state, request, noted);
    case "remove all":
      if (lock.isLocked) throw new AgentRefusal("locked");
      offered.clear();
      return success();
    default: {
      noted.fingerprint = fingerprintOf(request.blob);
      if (lock.isLocked) throw new AgentRefusal("locked");
      const key = offered.find(request.blob);
      if (key === undefined) throw new AgentRefusal("no such key");
      offered.remove(key);
      return success();
    }
  }
}

async function sign(
  context: AgentContext,
  state: CallerState,
  { blob, data, hash }: Extract<PublicRequest, { kind: "sign" }>,
  noted: Noted,
): Promise<Uint8Array> {
  const { offered, lock, custodian } = context;
  noted.fingerprint = fingerprintOf(blob);
  if (lock.isLocked) throw new AgentRefusal("locked");
  const key = offered.find(blob);
  if (key === undefined) throw new AgentRefusal("no such key");
  if (key.type === "rsa" && hash === null) throw new AgentRefusal("sha-1");
  if (data.length > MOST_SIGNED) throw new AgentRefusal("exhausted");
  await permit(context, state, key);
  // It may have been locked, have lost the key or its client, or offer the key otherwise, since somebody was asked.
  if (state.left.aborted) throw new AgentRefusal("gone");
  if (lock.isLocked) throw new AgentRefusal("locked");
  if (offered.find(blob) !== key) throw new AgentRefusal("no such key");
  const chosen = hash ?? "sha256";
  const signature = await custodian.sign(
    key.name,
    data,
    key.type === "rsa" ? { hash: chosen } : undefined,
  );
  const answer = signatureBlob(key.type, signature as Uint8Array<ArrayBuffer>, chosen);
  // The application may have given the name of a key that has ended to another one; those of clients are this agent's alone.
  if (!key.isOfClient && !isSignedBy(plainBlob(key.blob), data, answer)) {
    throw new AgentRefusal("no such key");
  }
  return signed(answer);
}

/** What a custodian signs. */
const MOST_SIGNED = 65_536;

async function permit(context: AgentContext, state: CallerState, key: OfferedKey): Promise<void> {
  const { allow, confirm } = context;
  const { fingerprint, type, certified, name } = key;
  const bindings = state.bindings.map(({ hostKey, forwarding }) => ({ hostKey, forwarding }));
  const { caller } = state;
  const use: AgentKeyUse = {
    fingerprint,
    comment: text(key.comment),
    type,
    certified,
    name,
    caller,
    bindings,
    signal: state.left,
  };
  if (allow !== undefined && !(await agreed(allow, use))) throw new AgentRefusal("policy");
  if (!key.confirm) return;
  if (confirm === undefined || !(await agreed(confirm, use)))
    throw new AgentRefusal("not confirmed");
}

/** `true` alone is a yes. */
async function agreed(
  ask: (use: AgentKeyUse) => boolean | Promise<boolean>,
  use: AgentKeyUse,
): Promise<boolean> {
  try {
    return (await ask(use)) === true;
  } catch {
    return false;
  }
}

const REASONS: Readonly<Partial<Record<string, RefusalReason>>> = {
  ERR_LETHE_POLICY: "policy",
  ERR_LETHE_NAME: "no such key",
  ERR_LETHE_EXHAUSTED: "exhausted",
  ERR_LETHE_SECURE_HEAP: "exhausted",
  ERR_LETHE_KEY_INVALID: "bad key",
  ERR_LETHE_KEY_DAMAGED: "bad key",
  ERR_LETHE_UNSUPPORTED: "bad key",
};

function reasonOf(error: unknown): RefusalReason {
  if (error instanceof AgentRefusal) return error.reason;
  return (error instanceof LetheError ? REASONS[error.code] : undefined) ?? "failed";
}
