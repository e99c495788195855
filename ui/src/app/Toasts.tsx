import { Button, ProblemCard } from "../controls/controls";
import { t } from "../text/text";
import { type News as Told, useDesk } from "./desk";

/** What went wrong or happened by itself, until it is dismissed. */
export function Toasts() {
  const { messages, dismiss } = useDesk();
  if (messages.length === 0) return null;
  return (
    <section className="toasts" aria-label={t.problem.region}>
      {messages.map((message) =>
        "problem" in message ? (
          <ProblemCard key={message.id} problem={message.problem} onDismiss={() => dismiss(message.id)} />
        ) : (
          <NewsCard key={message.id} news={message.news} onDismiss={() => dismiss(message.id)} />
        ),
      )}
    </section>
  );
}

function NewsCard(props: { news: Told; onDismiss: () => void }) {
  const { news, onDismiss } = props;
  return (
    <div className="news" role="status" data-meaning={news.meaning} data-testid="news">
      <p className="strong">{news.title}</p>
      <p className="muted">{news.text}</p>
      <p className="news-acts">
        <Button
          onClick={() => {
            news.show();
            onDismiss();
          }}
        >
          {t.notices.show}
        </Button>
        <Button look="quiet" onClick={onDismiss}>
          {t.problem.dismiss}
        </Button>
      </p>
    </div>
  );
}
