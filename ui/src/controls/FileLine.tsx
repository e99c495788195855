import { useDesk } from "../app/desk";
import { t } from "../text/text";
import { Button, TextLine } from "./controls";

/** A file of this computer: typed, or chosen with the system's dialog, and what to do with it. */
export function FileLine(props: {
  path: string;
  onPath: (path: string) => void;
  /** Hears of a file that was chosen with the dialog, besides `onPath`. */
  onChosen: (path: string) => void;
  /** Head of the dialog. */
  title: string;
  endings: string[];
  testId: string;
  act: string;
  /** Test id of the button that acts. */
  actId: string;
  /** True while it may not be pressed. */
  busy: boolean;
  primary?: boolean;
  onAct: () => void;
}) {
  const { backend } = useDesk();
  const choose = async () => {
    const path = await backend.chooseFile(props.title, props.endings);
    if (path === null) return;
    props.onPath(path);
    props.onChosen(path);
  };
  return (
    <div className="file-line">
      <TextLine label={t.import.file} value={props.path} onChange={props.onPath} testId={props.testId} />
      <Button onClick={() => void choose()} data-testid={`${props.testId}-choose`}>
        {t.import.choose}
      </Button>
      <Button look={props.primary ? "primary" : undefined} disabled={props.path.trim() === "" || props.busy} data-testid={props.actId} onClick={props.onAct}>
        {props.act}
      </Button>
    </div>
  );
}
