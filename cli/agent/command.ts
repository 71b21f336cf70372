import { constants } from "node:os";
import { basename } from "node:path";
import type { Agent, AgentUse, Custodian } from "../../adapters/node/mod.ts";
import { LetheError } from "../../core/mod.ts";
import { callerDescriptors } from "../caller_descriptors.ts";
import type { Command } from "../command_line/command.ts";
import { type Entry, entryHere } from "../entry_here.ts";
import { readForeign } from "../key/read_foreign.ts";
import { complain, print } from "../output.ts";
import { whyNotStarted } from "../run/find_program.ts";
import { refuse, start } from "../run/start.ts";
import { askingBy } from "./ask_program.ts";
import { certificateBeside, offerCertificate } from "./certificate_beside.ts";
import { type AgentParameters, OPTIONS, readParameters } from "./parameters.ts";

const TITLE = "lethe agent";

/** `lethe agent`: ssh, git and ssh-keygen sign with keys that are in a custodian. */
export const agent: Command = {
  synopsis: ["[--key PATH]... [options] [-- COMMAND [ARGUMENT...]]"],
  about: [
    "An SSH agent whose private keys are in a custodian, a hardened process that holds them sealed. COMMAND finds it by SSH_AUTH_SOCK, and the agent ends with COMMAND. Without a command it writes the line that sets SSH_AUTH_SOCK in a shell, and runs until SIGINT, SIGTERM or SIGHUP.",
  ],
  options: OPTIONS,
  notes: [
    "RSA keys sign with SHA-2 alone. Keys on tokens and destination constraints (ssh-add -h) are refused.",
    "  lethe agent --key ~/.ssh/id_ed25519 -- git commit -S\n  lethe agent --socket ~/.agent/socket > ~/.agent/variables &",
  ],
  exits: [
    ["n", "COMMAND ended with n"],
    ["128 + n", "signal n ended COMMAND, or the agent"],
    [
      "126, 127",
      "COMMAND cannot be started; what can be seen of that is checked before anything is asked for",
    ],
    ["1", "the custodian ended"],
    ["2", "wrong usage, no key, or no socket"],
    ["70", "a bug in Lethe"],
    ["130", "Ctrl-C"],
  ],
  startsProgram: true,
  async run(given) {
    const parameters = readParameters(given);
    const { command, passphrases, json } = parameters;
    const [file = "", ...words] = command ?? [];
    const refusal = command === null ? null : whyNotStarted(file);
    if (refusal !== null) return refuse(file, refusal, TITLE);
    const callers = (callerDescriptors() ?? []).filter(({ number }) => number !== passphrases);
    const entry = await entryHere();
    const custodian = await entry.openCustodian();
    try {
      const opened = await openWithKeys(entry, custodian, parameters);
      try {
        if (command === null) return await runUntilEnded(opened, json);
        const { SSH_AGENT_PID: _, ...inherited } = process.env;
        const environment = { ...inherited, SSH_AUTH_SOCK: opened.path };
        return await start({
          title: TITLE,
          file,
          parameters: words,
          environment,
          parcels: [],
          callers,
        });
      } finally {
        await opened.close();
      }
    } finally {
      await custodian.close();
    }
  },
};

async function openWithKeys(
  { openSecrets, promptSecret, openAgent }: Entry,
  custodian: Custodian,
  {
    keys,
    passphrases,
    inputIs,
    lifetime,
    confirm,
    askpass,
    socket,
    secureHeap,
    log,
  }: AgentParameters,
): Promise<Agent> {
  const secrets = openSecrets();
  const place = secureHeap ? "secure heap" : "vault";
  const opened = await openAgent(custodian, {
    secrets,
    keyPlace: place,
    ...(socket === undefined ? {} : { path: socket }),
    ...(askpass === undefined ? {} : { confirm: askingBy(askpass) }),
    ...(log ? { onUse: note } : {}),
  });
  try {
    for (const [index, path] of keys.entries()) {
      const source = { path, raw: undefined, passphrase: passphrases };
      const { type, publicKey, secretKey, comment } = await readForeign(
        { promptSecret, secrets, inputIs },
        source,
      );
      const name = `key ${index + 1}`;
      if (type === "x25519") {
        secretKey.destroy();
        throw new LetheError("ERR_LETHE_UNSUPPORTED", "Cannot offer key: X25519 keys do not sign");
      }
      const options = {
        comment: comment === null ? basename(path) : new TextDecoder().decode(comment),
        confirm,
        ...(lifetime === undefined ? {} : { lifetimeSeconds: lifetime }),
      };
      await custodian.put(name, secretKey, { type, place });
      opened.add(name, { type, publicKey }, options);
      const beside = certificateBeside(path);
      if (beside !== null) {
        offerCertificate(beside, (certificate) =>
          opened.add(name, { type, publicKey }, { ...options, certificate }),
        );
      }
    }
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function note({ time, action, outcome, fingerprint, caller }: AgentUse): void {
  const when = new Date(time).toISOString();
  complain(`${JSON.stringify({ time: when, action, outcome, key: fingerprint, ...caller })}\n`);
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

async function runUntilEnded(opened: Agent, json: boolean): Promise<number> {
  const signalled = new Promise<number>((resolve) => {
    for (const signal of SIGNALS) {
      process.on(signal, () => resolve(128 + constants.signals[signal]));
    }
  });
  const lost = opened.closed.then(() => 1);
  const { path, report } = opened;
  if (json) print(`${JSON.stringify({ SSH_AUTH_SOCK: path, ...report })}\n`);
  else print(`SSH_AUTH_SOCK=${quoted(path)}; export SSH_AUTH_SOCK;\n`);
  const status = await Promise.race([signalled, lost]);
  if (status === 1) complain(`${TITLE}: its custodian has ended, and the keys with it\n`);
  return status;
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
