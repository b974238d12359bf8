import classes from './job-log.module.css';

/** In the log's place while no runner has taken the job. */
export function NoLog({ isOver }: { readonly isOver: boolean }) {
  return (
    <section className={classes.panel} aria-label="Log">
      <div className={classes.toolbar}>
        <h2 className={classes.heading}>Log</h2>
      </div>
      <div className={classes.empty}>
        {isOver
          ? 'No runner ever took this job, so it printed nothing.'
          : 'No runner has taken the job yet. Its log begins here the moment one does.'}
      </div>
    </section>
  );
}
