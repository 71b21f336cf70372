import { describe, expect, it } from "vitest";
import {
  MISSING,
  NOT_RUN,
  Pty,
  ROOT,
  RUNTIMES,
  SOAK,
  WITHOUT_KOFFI,
} from "../../testing/features/prompt/pty.ts";

const PROGRAM = `${ROOT}testing/features/prompt/ask_without_descriptors.ts`;
const ALL = { ...RUNTIMES, ...WITHOUT_KOFFI };
const CHOSEN = Object.keys(ALL).filter(
  (name) => SOAK || name === "bun" || name === "node-24 without koffi",
);

describe.skipIf(MISSING !== null).each(CHOSEN)(
  `${NOT_RUN}a prompt of %s`,
  { timeout: 40_000 },
  (name) => {
    it("that has no descriptor left for its terminal takes no line of another input", async () => {
      const script = `ulimit -n 128; exec "$@" < ${ROOT}package.json`;
      const pty = new Pty(["sh", "-c", script, "sh", ...(ALL[name] ?? []), PROGRAM]);
      const [line] = await pty.saw(/.* live/);
      expect(line).toMatch(
        /rejected ERR_LETHE_UNAVAILABLE .*the terminal cannot be opened \(EMFILE\).*ulimit -n; 0 live$/,
      );
      await pty.close();
    });
  },
);
