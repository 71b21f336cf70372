import type { SignalLike } from "../../../core/arguments/foreign.ts";
import type { LetheError } from "../../../core/mod.ts";
import {
  makeRecord,
  type ReadContext,
  type SecretRecord,
  type SecretSource,
} from "../../../features/sources/mod.ts";

/** A store of one login, which changes and tells so, some milliseconds after it was asked. */
export class Vault implements SecretSource {
  readonly name = "vault";
  readonly residue: readonly string[] = ["the login lies in the test as text"];
  reads = 0;
  #version = 0;
  #login: readonly [user: string, password: string] = ["", ""];
  #onChange: (() => void) | null = null;

  /** From here on it gives this login. */
  publish(user: string, password: string): void {
    this.#version++;
    this.#login = [user, password];
    this.#onChange?.();
  }

  async read(_reference: string, { land }: ReadContext): Promise<SecretRecord> {
    this.reads++;
    const [version, login] = [this.#version, this.#login];
    await new Promise((resolve) => setTimeout(resolve, 5));
    const fields = (["user", "password"] as const).map((name, at) => {
      const bytes = Buffer.from(login[at] ?? "");
      return [name, land(bytes.length, (page) => page.set(bytes))] as const;
    });
    return makeRecord({ version: `v${version}`, fields, expiresAt: new Date(Date.now() + 60_000) });
  }

  async watch(
    _reference: string,
    onChange: (ended?: LetheError) => void,
    signal: SignalLike,
  ): Promise<void> {
    this.#onChange = onChange;
    signal.addEventListener("abort", () => {
      this.#onChange = null;
    });
  }
}
