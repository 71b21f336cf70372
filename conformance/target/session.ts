import { parseJson } from "../../core/arguments/own.ts";
import {
  offHeapBytes,
  type SecretBuffer,
  type Secrets,
  type SecretsOptions,
} from "../../core/mod.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { deriveInto, mask } from "../forensics/derived_needle.ts";
import { readSubject, type ServedSubject } from "../subject.ts";
import { canCollect, collect } from "./collect.ts";
import { drop } from "./drop.ts";
import { churn, exhaust } from "./endurance.ts";
import { processId, runtimeName } from "./here.ts";
import { leave } from "./leave.ts";
import type { LineIo } from "./line_io.ts";
import { commit } from "./misdeeds.ts";
import { OPERATIONS } from "./operations.ts";
import { printInStates } from "./print_in_states.ts";
import type { TargetAnswer, TargetEnding, TargetHeld, TargetRequest } from "./requests.ts";
import { asError, asValue, toHex } from "./wording.ts";

/** What a target holds, and what it does when it is asked. */
export class TargetSession {
  readonly #memory;
  readonly #open;
  readonly #holders: () => readonly number[];
  readonly #lines: LineIo;
  readonly #aborts: boolean;
  readonly #controls: Uint8Array[] = [];
  #secrets: Secrets;
  /** The secrets of each `hold`, in this order. */
  #held: (readonly SecretBuffer[])[] = [];

  constructor(given: ServedSubject, lines: LineIo) {
    const subject = readSubject(given);
    this.#memory = subject.memory();
    const open = subject.openSecrets ?? openSecrets;
    this.#open = (options: SecretsOptions): Secrets => {
      const secrets = open(options);
      subject.wipeOnExit?.(secrets);
      return secrets;
    };
    this.#holders = () => subject.holders?.() ?? [];
    this.#aborts = subject.openSecrets !== undefined;
    this.#lines = lines;
    this.#secrets = this.#open({ memory: this.#memory });
  }

  answer(line: string): TargetAnswer | Promise<TargetAnswer> {
    try {
      const value = this.#handle(parseJson(line) as TargetRequest);
      return value instanceof Promise ? value.then(asValue, asError) : asValue(value);
    } catch (error) {
      return asError(error);
    }
  }

  #handle(request: TargetRequest): unknown {
    switch (request.do) {
      case "hello":
        return {
          pid: processId(),
          runtime: runtimeName(),
          memory: this.#secrets.memory,
          aborts: this.#aborts,
          collects: canCollect(),
        };
      case "hold":
        return this.#hold(request);
      case "control": {
        const bytes = offHeapBytes(request.byteLength);
        deriveInto(request.seed, bytes);
        this.#controls.push(bytes);
        return null;
      }
      case "use":
        for (const secret of this.#held.flat()) secret.expose((bytes) => bytes[0]);
        return null;
      case "enter":
        return this.#enter(request.scope);
      case "leave":
        throw new Error("Cannot leave: no scope was entered");
      case "reveal":
        return this.#last().expose((bytes) => toHex(mask(request.seed, bytes)));
      case "end":
        return this.#end(request.how, request.only);
      case "collect":
        return collect();
      case "drop":
        return drop(this.#held, request.milliseconds);
      case "churn":
        return churn(this.#secrets, request.count, request.byteLength);
      case "exhaust":
        return exhaust(this.#secrets, request.count);
      case "print":
        return printInStates(this.#last());
      case "commit":
        return commit(request.misdeed, this.#memory, () =>
          this.#open({ memory: this.#memory, onMisuse: "crash" }),
        );
      case "exit":
        return leave(request.way);
      case "holders":
        return this.#holders();
      case "reset":
        for (const bytes of this.#controls.splice(0)) bytes.fill(0);
        return this.#end("destroy");
    }
  }

  #hold({
    operation,
    seed,
    byteLength,
  }: TargetRequest & { do: "hold" }): TargetHeld | Promise<TargetHeld> {
    const left = OPERATIONS[operation](this.#secrets, seed, byteLength);
    const take = ({ secrets, masked }: Awaited<typeof left>): TargetHeld => {
      this.#held.push(secrets);
      const locked = secrets.filter(({ guarantees }) => guarantees.locked.level === "enforced");
      const counts = { secrets: secrets.length, locked: locked.length };
      return masked === undefined ? counts : { ...counts, masked: toHex(masked) };
    };
    return left instanceof Promise ? left.then(take) : take(left);
  }

  /** The reply to `enter` is written inside the scope, what is returned is that to `leave`. */
  #enter(scope: "expose" | "modify"): null {
    this.#last()[scope](() => {
      this.#lines.write(JSON.stringify(asValue(null)));
      for (let line = this.#lines.read(); line !== null; line = this.#lines.read()) {
        if ((parseJson(line) as TargetRequest).do === "leave") return;
        const answer = this.answer(line);
        if (answer instanceof Promise) throw new Error(`Cannot wait inside a scope: ${line}`);
        this.#lines.write(JSON.stringify(answer));
      }
    });
    return null;
  }

  #end(how: TargetEnding, only?: "first"): null {
    const secrets = this.#secrets;
    if (how === "dispose") {
      secrets[Symbol.dispose]();
      this.#held = [];
      this.#secrets = this.#open({ memory: this.#memory });
    } else if (how === "purge") {
      secrets.purge();
      this.#held = [];
    } else {
      const ending = this.#held.splice(0, only === undefined ? this.#held.length : 1);
      for (const secret of ending.flat()) END[how](secret);
    }
    return null;
  }

  #last(): SecretBuffer {
    const secret = this.#held.at(-1)?.at(-1);
    if (secret === undefined) throw new Error("Nothing is held");
    return secret;
  }
}

const END: Readonly<
  Record<Exclude<TargetEnding, "purge" | "dispose">, (secret: SecretBuffer) => void>
> = {
  destroy: (secret) => secret.destroy(),
  "destroy inside": (secret) => secret.expose(() => secret.destroy()),
  "throw and destroy"(secret) {
    try {
      secret.expose(() => {
        throw new Error("aside");
      });
    } catch {
      secret.destroy();
    }
  },
};
