"""Settings: everything that differs between a laptop, CI and a zone's server comes from the environment.

``manage.py`` and ``make run`` fill in what is missing on a laptop (an embedded
PostgreSQL and Valkey, generated secrets; see ``config/embedded.py``). A
production install sets ``DATABASE_URL``, ``REDIS_URL``, ``SECRET_KEY``,
``FIELD_KEYS`` and ``ALLOWED_HOSTS``; nothing here has a default that would be
unsafe beyond loopback.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
#: Fernet keys for fields that identify a person; the first encrypts, all decrypt (rotation).
FIELD_KEYS = env.list("FIELD_KEYS")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "testserver"}
if DEBUG and not set(ALLOWED_HOSTS) <= LOOPBACK:
    raise ImproperlyConfigured("DEBUG is for loopback only: ALLOWED_HOSTS names other hosts")
SERVED_OVER_TLS = not set(ALLOWED_HOSTS) <= LOOPBACK

INSTALLED_APPS = [
    "config.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_linear_migrations",
    "django_htmx",
    "js_lib_bootstrap5",
    "heroicons",
    "csp",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "common",
    "zones",
    "orgchart",
    "staffing",
    "kpi",
    "pay",
    "reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "common.middleware.AsOfMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "config.navigation.navigation",
            ],
            "builtins": ["common.templatetags.onezone"],
        },
    }
]

DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL"),
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
    }
}
# Our own token model stands in for knox's, whose tables would only lie about.
MIGRATION_MODULES = {"knox": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "common.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

#: Where the gate (common/access.py) asks which roles a user holds on a day.
ROLE_SOURCES = ["zones.roles.granted", "staffing.roles.by_roster"]
# What exceptions tolerate of the rules' breaches in a zone on a day.
RULE_TOLERANCES = "orgchart.exceptions.tolerances"
#: Who knows of days on which something is due (staffing/agenda.py): HR's home and the calendar feed ask them.
AGENDA_SOURCES = [
    "staffing.agenda.appointments",
    "staffing.agenda.selections",
    "staffing.agenda.retirements",
    "kpi.raters.agenda.deadlines",
]

# --- language, time -------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"

# --- files ----------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# --- the browser ----------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its carets and crosses as data: pictures
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SERVED_OVER_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SERVED_OVER_TLS else None
SECURE_HSTS_SECONDS = 31536000 if SERVED_OVER_TLS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SERVED_OVER_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"

# --- long work ------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("REDIS_URL")
CELERY_TASK_IGNORE_RESULT = True  # progress and outcome are rows (design 9)
CELERY_TASK_ACKS_LATE = True  # a killed worker's task is delivered again …
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": env.int("TASK_VISIBILITY_SECONDS", default=900)}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "onezone"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_RESULT_EXPIRES = None  # there are none to clear away
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that stays away for long ends neither worker nor clock
# The clock (beat): tasks that cost a query where there is nothing to do, and change nothing when they are sent twice.
# It keeps no state: each is sent every so many seconds from the start on, and dropped if no worker takes it meanwhile.
CLOCK_SECONDS = env.float("CLOCK_SECONDS", default=60)
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": every * CLOCK_SECONDS, "options": {"expires": every * CLOCK_SECONDS}}
    for task, every in {
        "pay.resume_runs": 1,
        "common.revive_jobs": 1,
        "kpi.send_lost_messages": 1,
        "kpi.close_ended_panels": 10,
    }.items()
}
# Units a task: enough that what is read and stored together is cheap, few enough that little is lost with a worker.
PAY_BLOCK_UNITS = env.int("PAY_BLOCK_UNITS", default=64)
#: Networks besides the public internet that webhooks may lead to, as 10.20.0.0/16; without TLS only on loopback.
WEBHOOK_NETWORKS = env.list("WEBHOOK_NETWORKS", default=[])

# --- REST -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["common.rest.GatePermission"],
    "DEFAULT_RENDERER_CLASSES": ["common.rest.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "common.rest.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "common.rest.problem_details",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.ScopedRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"auth": "10/min"},
    "PAGE_SIZE": 50,
    "COERCE_DECIMAL_TO_STRING": True,
}
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Token",
    "TOKEN_MODEL": "common.ApiToken",
    "TOKEN_LIMIT_PER_USER": None,
    "AUTO_REFRESH": False,
}
KNOX_TOKEN_MODEL = "common.ApiToken"  # noqa: S105 - names a model
SPECTACULAR_SETTINGS = {
    "TITLE": "OneZone (一区) API",
    "DESCRIPTION": "Structure, posts, results and performance pay of a development zone, as of any date.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["common.rest.GatePermission"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # Fields of one name and different choices: each set has a name of its own in the schema.
    "ENUM_NAME_OVERRIDES": {
        "JobState": "common.models.Job.State",
        "RunState": "pay.models.Run.State",
        "UnitKind": "zones.models.Unit.Kind",
        "QuotaKind": "orgchart.models.Quota.Kind",
        "TierKind": "orgchart.models.Tier.Kind",
        "PlanStage": "orgchart.models.plans.Stage",
        "DutyKind": "orgchart.models.Duty.Kind",
        "StageOfProject": "zones.models.ProjectStage.Stage",
        "TransferState": "orgchart.models.DutyTransfer.State",
        "TransferSide": "orgchart.models.Side",
        "AppointmentKind": "staffing.models.Appointment.Kind",
        "AppointmentEnd": "staffing.models.Appointment.End",
        "AppointmentHire": "staffing.models.Appointment.Hire",
        "AppointmentRegime": "staffing.models.Appointment.Regime",
        "AbsenceKind": "staffing.models.Absence.Kind",
        "SecondmentKind": "staffing.models.Secondment.Kind",
        "SanctionKind": "staffing.models.Sanction.Kind",
        "InquiryOutcome": "staffing.models.Inquiry.Outcome",
        "TrialOutcome": "staffing.models.Trial.Outcome",
        "PersonPolitics": "staffing.models.Person.Politics",
        "SelectionKind": "staffing.models.Selection.Kind",
        "SelectionStage": "staffing.models.Selection.Stage",
        "CandidateMedical": "staffing.models.Candidate.Medical",
        "PostCategory": "staffing.models.PostVersion.Category",
        "PersonCategory": "staffing.models.Person.Category",
        "IndicatorKind": "kpi.models.Indicator.Kind",
        "ScorecardKind": "kpi.models.Scorecard.Kind",
        "DeliveryState": "kpi.models.Delivery.State",
        "CycleState": "kpi.models.Cycle.State",
        "AdjustmentKind": "kpi.models.Adjustment.Kind",
        "AdjustmentState": "kpi.models.Adjustment.State",
        "LetterSide": "kpi.models.Signature.Side",
        "ScoringMethod": "kpi.models.Indicator.Method",
        "PoolMethod": "pay.models.PoolRule.Method",
        "PayoutState": "pay.models.Payout.State",
        "PayoutPart": "pay.models.Payout.Part",
        "SelectionPart": "staffing.models.Score.Part",
        "AssessmentGrade": "kpi.models.Rating",
    },
}
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}

# --- payouts ----------------------------------------------------------------------------------------

#: The columns of the file that a bank pays by, in its order (``reports/bank_file.py`` knows the names).
BANK_FILE_COLUMNS = env.list("BANK_FILE_COLUMNS", default=["number", "account", "holder", "bank", "amount", "remark"])
