import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { type LetterheadView, problemOf } from "../backend/backend";
import { useAct, useDesk, useReadOnly } from "../app/desk";
import { Button, ProblemCard, TextLine } from "../controls/controls";
import { t } from "../text/text";

/** The paper that reports are printed on. */
export function Letterhead() {
  const { backend } = useDesk();
  const paper = useQuery({ queryKey: ["letterhead"], queryFn: () => backend.letterhead() });
  return (
    <section className="setting">
      <div>
        <h2>{t.reports.letterhead}</h2>
        <p className="small muted">{t.reports.letterheadText}</p>
      </div>
      <div className="setting-value">
        {paper.isError && <ProblemCard problem={problemOf(paper.error)} />}
        {paper.data && <Form key={JSON.stringify(paper.data)} paper={paper.data} />}
      </div>
    </section>
  );
}

function Form(props: { paper: LetterheadView }) {
  const { backend } = useDesk();
  const client = useQueryClient();
  const readOnly = useReadOnly();
  const id = useId();
  const [name, setName] = useState(props.paper.name);
  const [lines, setLines] = useState(props.paper.lines.join("\n"));
  const kept = (paper: LetterheadView) => client.setQueryData(["letterhead"], paper);
  const keep = useAct(() => backend.setLetterhead(name, lines.split("\n")), { writes: [], quiet: true });
  const logo = useAct((path: string | null) => backend.setLogo(path), { writes: [], quiet: true });
  const choose = async () => {
    const path = await backend.chooseFile(t.reports.logo, ["png", "jpg", "jpeg", "svg"]);
    if (path !== null) logo.mutate(path, { onSuccess: kept });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate(undefined, { onSuccess: kept });
  };
  return (
    <form className="entry-form" onSubmit={submit}>
      <TextLine label={t.reports.letterheadName} value={name} onChange={setName} testId="letterhead-name" />
      <div className="field">
        <label htmlFor={id}>{t.reports.letterheadLines}</label>
        <textarea id={id} className="input note" rows={3} value={lines} onChange={(event) => setLines(event.target.value)} />
      </div>
      {keep.isError && <ProblemCard problem={problemOf(keep.error)} />}
      {logo.isError && <ProblemCard problem={problemOf(logo.error)} />}
      <div className="connection-acts">
        <Button type="submit" disabled={readOnly || keep.isPending} data-testid="letterhead-keep">
          {t.rail.noteKeep}
        </Button>
        <Button disabled={readOnly || logo.isPending} onClick={() => void choose()}>
          {t.reports.logo}
        </Button>
        {props.paper.logo_format !== null && (
          <Button look="quiet" disabled={readOnly || logo.isPending} onClick={() => logo.mutate(null, { onSuccess: kept })}>
            {t.reports.logoRemove}
          </Button>
        )}
      </div>
    </form>
  );
}
