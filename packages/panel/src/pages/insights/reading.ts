import type { Insights } from '@sluice/contract';
import { insightsText } from '../../text/insights.ts';

/** The figures in a few sentences. */
export function reading(insights: Insights): string {
  const { sentences } = insightsText;
  const { deployment_frequency, lead_time, change_failure_rate, time_to_restore } = insights;
  const { build_duration } = insights;
  const words = [sentences.deployed(deployment_frequency.total, insights.days)];
  if (lead_time.median !== null) words.push(sentences.lead(lead_time.median, lead_time.p90));
  if (change_failure_rate.changes > 0) {
    words.push(sentences.failures(change_failure_rate.failures, change_failure_rate.changes));
  }
  if (time_to_restore.median !== null) words.push(sentences.restored(time_to_restore.median));
  if (build_duration.median !== null) {
    words.push(sentences.builds(build_duration.count, build_duration.median));
  }
  return words.join(' ');
}
