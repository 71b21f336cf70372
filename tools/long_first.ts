import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take long however short they are: a worker that begins one last works alone at the end. */
const LONG = /residue|conformance\.test|faulty\.test|pollution|ends\.test|wipe_on_exit|secure_heap/;

/**
 * Begins with what takes long. Where Vitest remembers no earlier run, it goes by the size of files. Files that
 * share a process follow each other: Vitest ends it when the next one needs one alone.
 */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number =>
      (project.config.isolate ? 0 : 2) + (LONG.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}
