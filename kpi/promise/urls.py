"""Pages of what is promised: the library, templates, years, letters, the cascade."""

from django.urls import path

from kpi.promise import cascade_views, letter_views, library_views, template_views, year_views

LIBRARY_UPLOAD, LIBRARY_CHECK, LIBRARY_ERRORS = library_views.PAGES.views()
TEMPLATES_UPLOAD, TEMPLATES_CHECK, TEMPLATES_ERRORS = template_views.PAGES.views()

urlpatterns = [
    path("indicators/", library_views.indicators_page, name="indicators"),
    path("indicators/add/", library_views.indicator_add, name="indicator_add"),
    path("indicators/parameters/", library_views.indicator_parameters, name="indicator_parameters"),
    path("indicators/import/", LIBRARY_UPLOAD, name="indicators_import"),
    path("indicators/import/<str:token>/", LIBRARY_CHECK, name="indicators_import_check"),
    path("indicators/import/<str:token>/errors/", LIBRARY_ERRORS, name="indicators_import_errors"),
    path("indicators/export.<slug:format>", library_views.indicators_export, name="indicators_export"),
    path("indicators/<slug:code>/", library_views.indicator_page, name="indicator"),
    path("indicators/<slug:code>/edit/", library_views.indicator_edit, name="indicator_edit"),
    path("templates/", template_views.card_templates, name="card_templates"),
    path("templates/add/", template_views.card_template_add, name="card_template_add"),
    path("templates/import/", TEMPLATES_UPLOAD, name="card_templates_import"),
    path("templates/import/<str:token>/", TEMPLATES_CHECK, name="card_templates_import_check"),
    path("templates/import/<str:token>/errors/", TEMPLATES_ERRORS, name="card_templates_import_errors"),
    path("templates/export.<slug:format>", template_views.card_templates_export, name="card_templates_export"),
    path("templates/<int:pk>/", template_views.card_template, name="card_template"),
    path("templates/<int:pk>/edit/", template_views.card_template_edit, name="card_template_edit"),
    path("templates/<int:pk>/copy/", template_views.card_template_copy, name="card_template_copy"),
    path("cascade/", cascade_views.cascade_page, name="cascade"),
    path("letters/", letter_views.letter_list, name="letters"),
    path("letters/sign/", letter_views.letters_sign, name="letters_sign"),
    path("scorecards/<int:pk>/letter/", letter_views.letter, name="letter"),
    path("scorecards/<int:pk>/letter/edit/", letter_views.letter_edit, name="letter_edit"),
    path("scorecards/<int:pk>/letter/sign/", letter_views.letter_sign, name="letter_sign"),
    path("scorecards/<int:pk>/letter/targets/", letter_views.letter_retarget, name="letter_retarget"),
    path("years/", year_views.year_list, name="years"),
    path("years/open/", year_views.year_open, name="year_open"),
    path("years/<int:pk>/", year_views.year_page, name="year"),
    path("years/<int:pk>/edit/", year_views.year_edit, name="year_edit"),
    path("years/<int:pk>/fill/", year_views.year_fill, name="year_fill"),
]
