import { expect } from "vitest";
import type { AgentKeyUse } from "../../../adapters/node/mod.ts";

/** Questions that are answered when the test wants it. */
export class Questions {
  readonly open: ((answer: boolean) => void)[] = [];
  readonly uses: AgentKeyUse[] = [];
  readonly ask = (use: AgentKeyUse): Promise<boolean> => {
    this.uses.push(use);
    return new Promise((resolve) => this.open.push(resolve));
  };

  async asked(count: number): Promise<void> {
    await expect.poll(() => this.uses.length).toBe(count);
  }
}
