//! The fields that the documents give to the worker, by collection and table.
//!
//! A pattern ends in names: `birth_data.{date time}` stands for `birth_data.date` and `birth_data.time`, `[]` for the
//! elements of an array. What lies below a name is its own business: a figure's data, the snapshot of a row.

/// Fields of a collection.
pub struct Collection {
    /// Whether it is in the reports' database; otherwise in the astrology database.
    pub in_reports: bool,
    /// Its name.
    pub name: &'static str,
    /// What the documents name.
    pub documented: &'static [&'static str],
    /// What Orrery adds.
    pub added: &'static [&'static str],
    /// Fields that may stay empty everywhere, and why.
    pub empty: &'static [(&'static str, &'static str)],
}

/// Columns of a table that may stay empty, and why.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Columns, and why.
    pub empty: &'static [(&'static str, &'static str)],
}

const OFFLINE: &str = "the embedded narrator asks no language model";
const OF_APPLICATIONS: &str = "applications write it";
const NO_PICTURE: &str = "no renderer stores pictures; pages draw them from data";
const LIVE: &str = "nothing of it has been deleted or archived";
const NOT_YET: &str = "nothing writes it yet";

/// All collections.
pub const COLLECTIONS: [Collection; 11] = [
    Collection {
        in_reports: true,
        name: "reports",
        documented: &[
            "{_id reportId employeeId organizationId departmentId reportType version generationDate expiryDate status}",
            "content.{summary score keyInsights actionItems warnings}",
            "content.sections[].{sectionId title content}",
            "content.sections[].subsections[].{title content insights recommendations}",
            "content.sections[].visualizations[].{type data imageUrl}",
            "{analysisIds astrologicalDataId harmonicEnergyCodeId generatedBy processingTimeMs llmTokensUsed llmModel}",
            "{visibleToRoles visibleToDepartments visibleToBranches createdAt updatedAt deletedAt}",
        ],
        added: &[
            "{contentHash quarter scores confidence advisory generation job}",
            "evidence[].{id kind label strength}",
        ],
        empty: &[("content.sections[].visualizations[].imageUrl", NO_PICTURE), ("deletedAt", LIVE)],
    },
    Collection {
        in_reports: true,
        name: "analysis_data",
        documented: &[
            "{_id analysisId employeeId reportId analysisType createdAt updatedAt}",
            "llmAnalysis.{prompt response model temperature processingTimeMs confidence}",
            "llmAnalysis.tokensUsed.{prompt completion total}",
            "analysisResults.traits[].{name score description impact context}",
            "analysisResults.{strengths weaknesses opportunities risks}",
            "analysisResults.compatibilityFactors[].{factor score weight reasoning}",
            "contextData.{jobRole department company industry}",
        ],
        added: &["{organizationId reportType job}", "llmAnalysis.{promptVersion}"],
        empty: &[("llmAnalysis.prompt", OFFLINE)],
    },
    Collection {
        in_reports: true,
        name: "astrological_data",
        documented: &[
            "{_id astroDataId employeeId organizationId}",
            "birthData.{date time}",
            "birthData.location.{city country latitude longitude timezone}",
            "birthData.coordinates.{type coordinates}",
            "birthChart.sun.{sign degree house retrograde}",
            "birthChart.moon.{sign degree house retrograde}",
            "birthChart.ascendant.{sign degree}",
            "birthChart.planets[].{name sign degree house retrograde}",
            "birthChart.houses[].{number sign degree}",
            "aspects[].{planet1 planet2 aspectType orb strength}",
            "interpretations.{personality strengths challenges careerIndications relationshipPatterns}",
            "{calculationEngine calculationDate version createdAt updatedAt}",
        ],
        added: &[
            "{job}",
            "birthChart.{midheaven moonSignCandidates timeKnown}",
            "birthChart.sun.{longitude}",
            "birthChart.moon.{longitude}",
            "birthChart.ascendant.{longitude}",
            "birthChart.planets[].{longitude}",
            "birthChart.houses[].{longitude}",
            "aspects[].{certain}",
        ],
        empty: &[],
    },
    Collection {
        in_reports: true,
        name: "harmonic_energy_codes",
        documented: &[
            "{_id harmonicCodeId employeeId organizationId}",
            "currentQuarter.{year quarter startDate endDate code frequency wavelength}",
            "energyComponents.primary.{value color meaning influence}",
            "energyComponents.secondary.{value color meaning influence}",
            "energyComponents.tertiary.{value color meaning influence}",
            "energyPattern.{dominant balance stability intensity}",
            "energyPattern.resonance[].{type frequency strength}",
            "compatibility.{jobRole department company industry teamDynamics}",
            "previousQuarters[].{year quarter code frequency generatedAt}",
            "{nextRegenerationDate autoRegenerateEnabled calculationMethod basedOnAstroDataId createdAt updatedAt}",
        ],
        added: &[
            "{job}",
            "currentQuarter.{generatedAt}",
            "energyComponents.primary.{harmonic}",
            "energyComponents.secondary.{harmonic}",
            "energyComponents.tertiary.{harmonic}",
        ],
        empty: &[],
    },
    Collection {
        in_reports: true,
        name: "training_recommendations",
        documented: &[
            "{_id recommendationId employeeId reportId generatedDate createdAt updatedAt}",
            "skillGaps[].{skillName currentLevel requiredLevel gap priority impactArea reasoning}",
            "recommendations[].{programId title description provider duration format estimatedCost currency}",
            "recommendations[].{targetSkills expectedOutcome priority prerequisites certificationAvailable}",
            "developmentPath.shortTerm[].{goal actions metrics estimatedCompletion}",
            "developmentPath.mediumTerm[].{goal actions metrics estimatedCompletion}",
            "developmentPath.longTerm[].{goal actions metrics estimatedCompletion}",
            "implementationStatus.{started startDate completedRecommendations inProgressRecommendations}",
            "implementationStatus.{notStartedRecommendations lastReviewDate}",
        ],
        added: &["{organizationId job}"],
        empty: &[
            ("recommendations[].estimatedCost", "no catalogue with prices is known, and none is invented"),
            ("recommendations[].currency", "no price, no currency"),
            ("implementationStatus.startDate", OF_APPLICATIONS),
            ("implementationStatus.completedRecommendations", OF_APPLICATIONS),
            ("implementationStatus.inProgressRecommendations", OF_APPLICATIONS),
            ("implementationStatus.lastReviewDate", OF_APPLICATIONS),
        ],
    },
    Collection {
        in_reports: true,
        name: "questionnaire_responses",
        documented: &[
            "{_id responseId employeeId reportId questionnaireType}",
            "responses[].{questionId question questionType answer score aiAnalysis flagged flagReason}",
            "aggregateAnalysis.{overallScore strengthAreas concernAreas recommendations followUpQuestions}",
            "{completedDate timeSpentMinutes completionRate reviewStatus reviewedBy reviewedDate reviewNotes createdAt updatedAt}",
        ],
        added: &["{job}"],
        empty: &[
            ("timeSpentMinutes", OF_APPLICATIONS),
            ("reviewedBy", OF_APPLICATIONS),
            ("reviewedDate", OF_APPLICATIONS),
            ("reviewNotes", OF_APPLICATIONS),
            ("createdAt", OF_APPLICATIONS),
        ],
    },
    Collection {
        in_reports: false,
        name: "birth_charts",
        documented: &[
            "{_id entity_type entity_id organization_id}",
            "birth_data.{date time timezone latitude longitude location}",
            "planets[].{name sign degree house retrograde dignity}",
            "houses[].{number sign degree cusp ruler}",
            "aspects[].{planet1 planet2 aspect_type angle orb strength}",
            "calculated_data.ascendant.{sign degree}",
            "calculated_data.midheaven.{sign degree}",
            "calculated_data.{moon_phase dominant_element dominant_quality chart_ruler}",
            "{calculation_version calculated_at calculated_by last_updated status created_at updated_at}",
        ],
        added: &[
            "{job ephemeris_version tzdb_version moon_sign_candidates house_system moment}",
            "planets[].{latitude distance speed degree_in_sign}",
            "aspects[].{strength_score strength_word applying certain}",
            "calculated_data.{patterns extra_points vertex moon_phase_angle elements qualities}",
            "calculated_data.ascendant.{degree_in_sign}",
            "calculated_data.midheaven.{degree_in_sign}",
        ],
        empty: &[],
    },
    Collection {
        in_reports: false,
        name: "harmonic_codes",
        documented: &[
            "{_id entity_type entity_id organization_id birth_chart_id}",
            "current_code.{version generated_at quarter year primary_harmonic secondary_harmonics energy_signature}",
            "current_code.energy_levels.{physical emotional mental spiritual social}",
            "current_code.dimensions.{leadership creativity analytical communication empathy resilience adaptability focus}",
            "current_code.resonances[].{type frequency strength effect}",
            "historical_codes[].{version quarter year generated_at energy_signature primary_harmonic}",
            "historical_codes[].delta_from_previous.{primary_change energy_shifts dimension_changes}",
            "next_update.{scheduled_date quarter year status}",
            "{calculation_version auto_update_enabled subscription_active created_at updated_at}",
        ],
        added: &[
            "{job}",
            "current_code.{components strengths dominant balance stability intensity frequency_hz wavelength_m digest delta_from_previous}",
            "current_code.resonances[].{harmonic}",
            "historical_codes[].{energy_levels dimensions}",
            "historical_codes[].delta_from_previous.{from_version}",
        ],
        empty: &[],
    },
    Collection {
        in_reports: false,
        name: "compatibility_scores",
        documented: &[
            "{_id organization_id compatibility_type valid_from valid_until status created_at updated_at}",
            "subject_entity.{type id name}",
            "target_entity.{type id name}",
            "scores.{overall personality_match behavioral_alignment energy_resonance harmonic_compatibility}",
            "scores.{cultural_fit communication_style work_style_match value_alignment}",
            "analysis.strengths[].{aspect description score}",
            "analysis.challenges[].{aspect description severity mitigation}",
            "analysis.{recommendations}",
            "astrological_factors.synastry_aspects[].{aspect_type planets impact description}",
            "astrological_factors.element_balance.{fire earth air water compatibility_score}",
            "astrological_factors.house_overlays[].{house planet interpretation}",
            "harmonic_analysis.{frequency_match energy_pattern_alignment resonance_type optimal_interaction_times}",
            "calculation_metadata.{version algorithm_version calculated_at based_on_quarter confidence_level data_completeness}",
        ],
        added: &["{job dimension_matches}", "astrological_factors.synastry_aspects[].{strength}"],
        empty: &[],
    },
    Collection {
        in_reports: false,
        name: "energy_patterns",
        documented: &[
            "{_id entity_type entity_id organization_id pattern_type analysis_date created_at updated_at}",
            "time_series[].{quarter year date dimensional_snapshot notable_events environmental_factors}",
            "time_series[].energy_snapshot.{physical emotional mental spiritual social}",
            "insights.{dominant_trend cycle_length volatility_index}",
            "insights.peak_periods[].{quarter year dimensions}",
            "insights.low_periods[].{quarter year dimensions}",
            "insights.seasonal_patterns[].{season typical_behavior energy_characteristics}",
            "predictions.next_quarter.{forecast_date predicted_energy predicted_dimensions confidence key_factors}",
            "predictions.{annual_outlook}",
        ],
        added: &[
            "{job calculation_version}",
            "time_series[].{resonance}",
            "insights.{slope_per_quarter}",
            "predictions.next_quarter.{quarter year predicted_resonance}",
        ],
        empty: &[],
    },
    Collection {
        in_reports: false,
        name: "astrological_reference_data",
        documented: &[
            "{_id reference_type version effective_from effective_until status created_at updated_at}",
            "data.{key name category keywords}",
            "data.interpretations.{general in_relationships in_career in_communication in_leadership}",
            "data.energy_attributes.{element quality polarity ruling_planet}",
            "data.traits.{positive negative neutral}",
            "data.compatibility.{harmonious_with challenging_with neutral_with}",
        ],
        added: &[],
        empty: &[("effective_until", "the first version of the meanings is still in force")],
    },
];

/// All tables.
pub const TABLES: [Table; 10] = [
    Table { name: "report_metadata", empty: &[("deleted_at", LIVE)] },
    Table { name: "report_versions", empty: &[("archived_at", LIVE)] },
    Table { name: "report_scores", empty: &[] },
    Table {
        name: "report_generation_queue",
        empty: &[
            ("queue_position", OF_APPLICATIONS),
            ("scheduled_for", OF_APPLICATIONS),
            ("depends_on_queue_id", OF_APPLICATIONS),
            ("blocks_queue_ids", OF_APPLICATIONS),
        ],
    },
    Table {
        name: "report_generation_errors",
        empty: &[
            ("error_stack", "a lack of data has no cause below it"),
            ("retry_successful", "no row was tried again"),
            ("resolved_at", "the failed row is left as it is"),
            ("resolution_notes", "people write it"),
        ],
    },
    Table {
        name: "report_generation_stats",
        empty: &[
            ("first_viewed_at", "nobody has opened a report"),
            ("last_viewed_at", "nobody has opened a report"),
        ],
    },
    Table {
        name: "calculation_jobs",
        empty: &[
            ("calculation_params", OF_APPLICATIONS),
            ("error_stack", NOT_YET),
            ("memory_used_mb", "memory is not told apart by job within a process"),
        ],
    },
    Table {
        name: "quarterly_update_schedule",
        empty: &[
            ("estimated_completion", "the runs have ended; a forecast stands there while they go on"),
            ("notes", OF_APPLICATIONS),
        ],
    },
    Table { name: "entity_update_queue", empty: &[] },
    Table {
        name: "calculation_audit_log",
        empty: &[
            ("user_role", "a calculation has no signed-in user"),
            ("user_ip_address", "a calculation has no signed-in user"),
            ("before_state", NOT_YET),
            ("metadata", NOT_YET),
        ],
    },
];

/// Paths that a list of patterns stands for.
pub fn paths(patterns: &[&str]) -> Vec<String> {
    patterns
        .iter()
        .flat_map(|pattern| {
            let (prefix, names) = pattern.split_once('{').expect("a pattern ends in names");
            names.trim_end_matches('}').split(' ').map(move |name| format!("{prefix}{name}"))
        })
        .collect()
}
