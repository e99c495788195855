import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf } from "../backend/backend";
import { useDesk } from "../app/desk";
import { Button, LoadingState, ProblemCard } from "../controls/controls";
import { t } from "../text/text";

/** The pages of a report as they will be written, one at a time. */
export function Preview(props: { count: number }) {
  const { backend } = useDesk();
  const [page, setPage] = useState(0);
  // Another preview is another one of this component: its pages are never those of the one before.
  const [made] = useState(() => Date.now());
  const picture = useQuery({ queryKey: ["report-page", made, page], queryFn: () => backend.reportPage(page), gcTime: 0 });
  const number = t.reports.page({ page: page + 1, pages: props.count });
  return (
    <div className="preview" data-testid="report-pages" data-count={props.count}>
      <div className="preview-head">
        <Button disabled={page === 0} aria-label={t.reports.before} onClick={() => setPage(page - 1)}>
          ‹
        </Button>
        <span>{number}</span>
        <Button disabled={page + 1 >= props.count} aria-label={t.reports.after} data-testid="report-next-page" onClick={() => setPage(page + 1)}>
          ›
        </Button>
      </div>
      {picture.isPending && <LoadingState label={number} />}
      {picture.isError && <ProblemCard problem={problemOf(picture.error)} />}
      {picture.data && <img className="preview-page" src={picture.data} alt={number} data-testid="report-page" />}
    </div>
  );
}
