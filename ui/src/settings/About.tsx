import { useQuery } from "@tanstack/react-query";
import licence from "../../../LICENSE?raw";
import { problemOf } from "../backend/backend";
import { useAct, useDesk } from "../app/desk";
import { Button, FailedState, LoadingState } from "../controls/controls";
import { t } from "../text/text";
import { Part, Setting } from "./Part";

/** Which program this is, and whose work is in it. */
export function About() {
  const { backend } = useDesk();
  const about = useQuery({ queryKey: ["about"], queryFn: () => backend.about() });
  const open = useAct(() => backend.openNotices());
  return (
    <Part title={t.settings.parts.about} text={t.settings.about.text}>
      {about.isPending && <LoadingState label={t.settings.parts.about} />}
      {about.isError && <FailedState title={t.settings.about.failed} problem={problemOf(about.error)} onRetry={() => void about.refetch()} />}
      {about.data && (
        <>
          <Setting title={t.settings.about.version}>
            <p className="copyable" data-testid="about-version">
              Refund Desk {about.data.version}
            </p>
          </Setting>
          <Setting title={t.settings.about.licence} text={t.settings.about.licenceText({ licence: about.data.licence })}>
            <details>
              <summary data-testid="about-licence">{t.settings.about.read}</summary>
              <pre className="licence" lang="en" tabIndex={0} aria-label={t.settings.about.licence}>
                {licence}
              </pre>
            </details>
          </Setting>
          <Setting title={t.settings.about.notices} text={about.data.notices ? t.settings.about.noticesText : t.settings.about.noticesMissing}>
            {about.data.notices && (
              <Button data-testid="about-notices" disabled={open.isPending} onClick={() => open.mutate(undefined)}>
                {t.settings.about.open}
              </Button>
            )}
          </Setting>
        </>
      )}
    </Part>
  );
}
