"""Run with: python -m unittest discover"""
import unittest

from app import application, page


def get(path):
    """The status and the text that a request for `path` gets."""
    statuses = []
    body = application({'PATH_INFO': path}, lambda status, headers: statuses.append(status))
    return statuses[0], b''.join(body).decode('utf-8')


class PageTest(unittest.TestCase):
    def test_says_which_commit_it_is(self):
        self.assertIn('<code>abc</code>', page({'GIT_COMMIT': 'abc'}))

    def test_shows_names_as_text(self):
        self.assertNotIn('<script>', page({'STAGE': '<script>'}))

    def test_answers_at_the_root_only(self):
        self.assertEqual(get('/')[0], '200 OK')
        self.assertEqual(get('/nowhere')[0], '404 Not Found')


if __name__ == '__main__':
    unittest.main()
