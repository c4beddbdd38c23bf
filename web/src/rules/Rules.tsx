import { useParams } from 'react-router';
import { Rule } from './Rule.tsx';
import { RuleList } from './RuleList.tsx';

/** What is judged, and how hard: all rules, or one. */
export default function Rules() {
  const { id } = useParams();
  return id === undefined ? <RuleList /> : <Rule id={id} />;
}
