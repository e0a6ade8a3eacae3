"""The stewards' application inside Airflow: queue, held runs and reports in the UI one has.

Airflow serves a plugin's routes without asking for a login; the application asks itself, by Airflow's own token. What
somebody may do is his account's role: `identity review add-user NAME --role steward --without-password`.
"""

from airflow.plugins_manager import AirflowPlugin

from identity.review import in_airflow


class IdentityReview(AirflowPlugin):
    """The application under its prefix, and a link to it in the navigation."""

    name = "identity_review"
    fastapi_apps = [{"app": in_airflow.application, "url_prefix": in_airflow.PREFIX, "name": "identity review"}]
    external_views = [
        {
            "name": "Identity review",
            "href": f"{in_airflow.PREFIX}/",
            "destination": "nav",
            "category": "browse",
            "url_route": "identity-review",
        }
    ]
