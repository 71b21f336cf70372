import { entryHere } from "../entry_here.ts";
import { readTyped } from "../pause.ts";
import type { StartLife } from "./life.ts";
import { PASSWORD_BYTES } from "./password.ts";

const inThisProcess: StartLife = async () => {
  const secrets = (await entryHere()).openSecrets();
  const secret = secrets.allocate(PASSWORD_BYTES);
  return {
    memory: secrets.memory,
    begin: () => {
      secret.modify(readTyped);
    },
    use: () => {
      const copy = secret.clone();
      if (!copy.equals(secret)) throw new Error("Cannot use password: it changed");
      copy.destroy();
    },
    end: () => secret.destroy(),
  };
};

/** The custodian reads the password itself; it is brought out, sealed, for each use. */
const inCustodian: StartLife = async (control) => {
  const { openCustodian, openSecrets } = await import("../../adapters/node/mod.ts");
  const secrets = openSecrets();
  const custodian = await openCustodian({ secrets });
  await custodian.generate(control, "key"); // a name is not a secret, and lies in both processes
  return {
    memory: secrets.memory,
    begin: () => custodian.prompt(NAME, "Password: ", { from: "stdin", mayLeave: true }),
    async use() {
      const byteLength = await custodian.expose(NAME, (bytes) => bytes.length);
      if (byteLength !== PASSWORD_BYTES) throw new Error("Cannot use password: it changed");
    },
    end: () => custodian.delete(NAME),
    helpers: () => [custodian.pid],
  };
};

const NAME = "password";

/** Each by the id of its approach. */
export const LETHE: Readonly<Record<string, StartLife>> = {
  lethe: inThisProcess,
  custodian: inCustodian,
};
